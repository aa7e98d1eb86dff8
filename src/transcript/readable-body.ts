import { codingOf, decode } from '../metering/content-coding';

/** The maximum size of a body that is read here, decoded, in bytes: reading it blocks the process, for up to half a second if it is
 * made for that, and for some milliseconds otherwise. */
export const MAX_READABLE_BYTES = 4 * 1024 * 1024;

/** Decodes a body, as far as it came. @returns undefined for one that is too large, or whose coding is unknown. */
export async function readableBody(
  bytes: Buffer,
  contentEncoding: string | null,
): Promise<Buffer | undefined> {
  const coding = codingOf(contentEncoding ?? undefined);
  if (coding === null || bytes.length > MAX_READABLE_BYTES) return undefined;
  if (coding === undefined) return bytes;
  const parts: Buffer[] = [];
  const came = await decode(coding, bytes, (part) => parts.push(Buffer.from(part)), MAX_READABLE_BYTES);
  return came === 'unreadable' ? undefined : Buffer.concat(parts);
}
