/** This worker cannot do its work as it is set up: model, program or settings. A restart will not help, a person must. */
export class Unfit extends Error {}
