/** One page of a list, with the length of the whole list. */
export interface OpenRowsPage {
  readonly rows: readonly unknown[]
  /** How many rows all pages have together. */
  readonly total: number
}

/** Reads what is not filed yet, page by page; the rows are unparsed, since another version of the hub may have written them. */
export interface OpenRows {
  /** Resolves with rows of the outbox that are not done, the most urgent first, without the spoken words. */
  writes(page: { readonly offset: number; readonly limit: number }): Promise<OpenRowsPage>
  /** Resolves with drafts that are neither filed nor discarded, the last changed first. */
  drafts(page: { readonly offset: number; readonly limit: number }): Promise<OpenRowsPage>
}
