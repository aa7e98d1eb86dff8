import { sign } from 'aws4';
import { createHash } from 'node:crypto';
import { signatureOf } from './support/s3-signature';

const HOST = 'examplebucket.s3.amazonaws.com';
const AT = '20130524T000000Z';
const CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const PUT = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };

/** The examples of AWS's documentation, "Signature Calculations for the Authorization Header". */
const EXAMPLES: [string, string, Record<string, string>, string, string][] = [
  [
    ...(['GET', '/test.txt', { range: 'bytes=0-9' }, ''] as const),
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    ...(['PUT', '/test%24file.text', PUT, 'Welcome to Amazon S3.'] as const),
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    ...(['GET', '/?lifecycle', {}, ''] as const),
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    ...(['GET', '/?max-keys=2&prefix=J', {}, ''] as const),
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
];

describe('the signature of a request to S3', () => {
  it.each(EXAMPLES)('of %s %s is that of AWS’s example', (method, target, others, body, signature) => {
    const payload = createHash('sha256').update(body).digest('hex');
    const headers = { host: HOST, 'x-amz-content-sha256': payload, 'x-amz-date': AT, ...others };
    const parts = { method, target, headers, payload };
    expect(signatureOf(parts, { ...CREDENTIALS, region: 'us-east-1', at: AT })).toBe(signature);
    const request = { service: 's3', region: 'us-east-1', method, host: HOST, path: target, headers };
    const { headers: signed } = sign({ ...request, extraHeadersToInclude: { range: true } }, CREDENTIALS);
    expect(signed.Authorization).toMatch(new RegExp(`, Signature=${signature}$`));
  });
});
