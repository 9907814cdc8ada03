/** A worker that cannot start as it is set up: model, program or settings are wrong. Only a person can correct that, a restart cannot. */
export class StartupError extends Error {}
