import { Request, Response } from 'express';

/** The encodings in which a file may lie beside the original, the smallest first, with how the names of such files end. */
export const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;
export type Encoding = (typeof ENCODINGS)[number][0];

/**
 * Chooses the smallest encoding that the client takes, and announces it in the response. Announces also that another client may
 * get another one, so that no cache between mixes them up.
 * @returns undefined for a client that takes none of them.
 */
export function chooseEncoding(request: Request, response: Response): Encoding | undefined {
  response.vary('Accept-Encoding');
  const [encoding] = ENCODINGS.find(([name]) => request.acceptsEncodings(name) !== false) ?? [];
  if (encoding !== undefined) response.setHeader('Content-Encoding', encoding);
  return encoding;
}
