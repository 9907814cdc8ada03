/** Vite bundles stylesheets; the compiler sees an import without a value. */
declare module '*.css'
