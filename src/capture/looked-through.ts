import { createHash } from 'node:crypto';
import { codingOf, decode, Decoded } from '../metering/content-coding';
import { redacted, UNREADABLE_MARK } from '../redaction/redacted-bytes';
import { findSecrets } from '../redaction/secret-finder';
import { Finding, SecretKind } from '../redaction/secret-kinds';
import { findStreamed } from '../redaction/streamed-secrets';
import { newestTurn } from '../transcript/newest-turn';
import { MAX_READABLE_BYTES } from '../transcript/readable-body';
import { MAX_BODY_BYTES } from './body-copy';
import { CapturedBody, CapturedCall } from './captured-call';

/** A body in the form in which it is kept. */
export interface KeptBody extends CapturedBody {
  /** The digest of that form; null if it is what has passed. */
  readonly keptSha256: Buffer | null;
}

/** A call after secrets were looked for in it. */
export interface LookedThrough {
  /** As it is kept: redacted, if its person wants that. */
  readonly call: Omit<CapturedCall, 'bodies'> & {
    readonly bodies: { readonly request: KeptBody; readonly response: KeptBody };
  };
  /** The kinds of secrets that went to the model with the newest turn. */
  readonly secretsSent: readonly SecretKind[];
}

/** A body without its content coding, and the secrets in it. */
interface PlainBody {
  readonly bytes: Buffer;
  readonly secrets: readonly Finding[];
  readonly isDecoded: boolean;
}

/** Looks for secrets in a call: in its request, and where they are not to be kept in the answer as well. */
export async function lookThrough(call: CapturedCall): Promise<LookedThrough> {
  const { request, response } = call.bodies;
  const asked = await plainBody(request, findSecrets);
  const answered = call.redacts ? await plainBody(response, findInAnswer) : undefined;
  const bodies = {
    request: call.redacts ? withoutSecrets(request, asked) : asTheyPassed(request),
    response: call.redacts ? withoutSecrets(response, answered) : asTheyPassed(response),
  };
  return { call: { ...call, bodies }, secretsSent: await secretsSent(call, asked) };
}

/** Finds secrets in an answer, which may be a stream. */
async function findInAnswer(bytes: Buffer): Promise<Finding[]> {
  return [...(await findSecrets(bytes)), ...(await findStreamed(bytes))];
}

/** Returns undefined for a body that can't be looked into: its coding is not known, or it has too many bytes. */
async function plainBody(
  { bytes, contentEncoding }: CapturedBody,
  find: (bytes: Buffer) => Promise<Finding[]>,
): Promise<PlainBody | undefined> {
  const coding = codingOf(contentEncoding ?? undefined);
  if (coding === null) return undefined;
  if (coding === undefined || bytes.length === 0)
    return { bytes, secrets: await find(bytes), isDecoded: false };
  const parts: Buffer[] = [];
  const came: Decoded = await decode(coding, bytes, (part) => parts.push(Buffer.from(part)), MAX_BODY_BYTES);
  if (came === 'unreadable') return undefined;
  // What has not the coding that its headers name may be plain text.
  const secrets = came === 'damaged' ? await find(bytes) : [];
  if (secrets.length > 0) return { bytes, secrets, isDecoded: false };
  const decoded = Buffer.concat(parts);
  return { bytes: decoded, secrets: await find(decoded), isDecoded: true };
}

function withoutSecrets(body: CapturedBody, plain: PlainBody | undefined): KeptBody {
  if (body.state !== 'kept' || plain?.secrets.length === 0) return asTheyPassed(body);
  const bytes = plain === undefined ? UNREADABLE_MARK : redacted(plain.bytes, plain.secrets);
  const contentEncoding = plain?.isDecoded === false ? body.contentEncoding : null;
  return { ...body, bytes, contentEncoding, keptSha256: createHash('sha256').update(bytes).digest() };
}

function asTheyPassed(body: CapturedBody): KeptBody {
  return { ...body, keptSha256: null };
}

async function secretsSent({ format }: CapturedCall, plain: PlainBody | undefined): Promise<SecretKind[]> {
  if (plain === undefined || plain.secrets.length === 0 || plain.bytes.length > MAX_READABLE_BYTES) return [];
  const turn = newestTurn(format, plain.bytes);
  const found = turn === undefined ? [] : await findSecrets(Buffer.from(turn));
  return [...new Set(found.map(({ kind }) => kind))];
}
