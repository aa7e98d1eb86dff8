import { PackStoreError } from './pack-store';
import { S3Answer, S3Request } from './s3-request';

/** The codes of S3 with which a request is to be sent again, whatever the status. */
const AGAIN = new Set([
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  'RequestTimeout',
  'OperationAborted',
]);

const REGION = 'AWS_REGION, or AWS_ENDPOINT_URL_S3, is not that of the bucket';
/** What an operator has to look at, by the code of a refusal. */
const ADVICE: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket: look at TRACEVAULT_TRACE_STORE, AWS_REGION and AWS_ENDPOINT_URL_S3',
  InvalidAccessKeyId: 'AWS_ACCESS_KEY_ID is not known there',
  SignatureDoesNotMatch: 'AWS_SECRET_ACCESS_KEY is not that of AWS_ACCESS_KEY_ID',
  AccessDenied:
    'the access key may not do that: it needs s3:ListBucket for the bucket, and s3:GetObject, s3:PutObject and s3:DeleteObject for what is in it',
  ExpiredToken: 'AWS_SESSION_TOKEN has expired: set a new access key',
  InvalidToken: 'AWS_SESSION_TOKEN does not belong to the access key',
  RequestTimeTooSkewed: 'the clock of this machine is wrong',
  PermanentRedirect: REGION,
  AuthorizationHeaderMalformed: REGION,
  IllegalLocationConstraintException: REGION,
};

/** Returns the code of an error of S3. Its message can repeat what was sent, and is never used. */
export function codeOf({ body }: S3Answer): string {
  const text = body.subarray(0, 4096).toString('latin1');
  return /<Code>(\w{1,64})<\/Code>/.exec(text)?.[1] ?? '';
}

/** Tells whether the answer says that the store is busy or broken at present. */
export function isBusy(answer: S3Answer): boolean {
  const { status } = answer;
  return status >= 500 || status === 429 || status === 408 || (status >= 400 && AGAIN.has(codeOf(answer)));
}

/** Creates the error of a request that the store does not grant. */
export function refused({ method }: S3Request, answer: S3Answer): PackStoreError {
  const code = codeOf(answer);
  const advice = ADVICE[code] ?? (answer.status === 301 || answer.status === 307 ? REGION : undefined);
  const what = `The trace store refused ${method} with ${[answer.status, code].join(' ').trim()}`;
  return new PackStoreError(advice === undefined ? what : `${what}: ${advice}`);
}
