import { createHash, createHmac } from 'node:crypto';

/** What of a request is signed, as it came in. */
export interface SignedParts {
  readonly method: string;
  /** The raw path with its query. */
  readonly target: string;
  /** All headers that are signed, by their lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The value of x-amz-content-sha256. */
  readonly payload: string;
}

interface Signer {
  readonly secretAccessKey: string;
  readonly region: string;
  /** As in x-amz-date: 20130524T000000Z. */
  readonly at: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
/** As RFC 3986 has it: what encodeURIComponent() leaves is encoded too. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Computes a signature as AWS documents it (Signature Version 4 for S3), independently of the server's code and of its library. The
 * names of steps are the documentation's.
 */
export function signatureOf(
  { method, target, headers, payload }: SignedParts,
  { secretAccessKey, region, at }: Signer,
): string {
  const [path = '', query = ''] = target.split('?');
  const canonicalUri = path
    .split('/')
    .map((part) => encoded(decodeURIComponent(part)))
    .join('/');
  const canonicalQuery = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split('=').map((part) => encoded(decodeURIComponent(part))))
    .map(([name, value = '']) => `${name!}=${value}`)
    .sort()
    .join('&');
  const names = Object.keys(headers).sort();
  const canonicalHeaders = names
    .map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, ' ')}\n`)
    .join('');
  const canonicalRequest = [method, canonicalUri, canonicalQuery, canonicalHeaders, names.join(';'), payload];
  const day = at.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  const stringToSign = ['AWS4-HMAC-SHA256', at, scope, sha256(canonicalRequest.join('\n'))].join('\n');
  const signingKey = [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secretAccessKey}`, day));
  return hmac(signingKey, stringToSign).toString('hex');
}
