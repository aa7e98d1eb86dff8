/**
 * Returns the statement that puts calls into the queue of those that are to be sealed. A call that is in it already is locked, so
 * that it is not sealed as it was before the change of this transaction.
 * @param calls the name of what holds their rows.
 */
export function queueForSeal(calls: string): string {
  return `INSERT INTO "seal_queue" ("at", "kind", "subject_id")
    SELECT "at", 'call', "id" FROM ${calls} ORDER BY "at", "id"
    ON CONFLICT ("at", "kind", "subject_id") DO UPDATE SET "kind" = EXCLUDED."kind"`;
}
