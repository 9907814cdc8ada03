/** Stylesheets are bundled by vite; for the compiler they are nothing but their effect. */
declare module '*.css'
