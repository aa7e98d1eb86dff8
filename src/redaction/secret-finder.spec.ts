import { CREDENTIAL_PREFIXES, OWN_CREDENTIALS } from '../config/credential-shapes';
import { redacted } from './redacted-bytes';
import { findSecrets } from './secret-finder';
import { TOKEN_SHAPES } from './token-shapes';

/** Text with the look of random base62, put together here so that no scanner takes this file for a leak. */
const random = (length: number) => 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7'.repeat(20).slice(0, length);
const hex = (length: number) => '0f1e2d3c4b5a69788796a5b4c3d2e1f0'.repeat(9).slice(0, length);
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: 'ada', admin: true })}.${random(43)}`;
const line = `${random(30)}/+${random(32)}`;
const pem = (lineBreak: string, kind = 'RSA ') =>
  [
    `-----BEGIN ${kind}PRIVATE KEY-----`,
    line,
    line,
    `${random(20)}==`,
    `-----END ${kind}PRIVATE KEY-----`,
  ].join(lineBreak);
const awsId = 'Q3EGRIFBSXYZ2345';
const awsSecret = `${random(19)}/${random(20)}`;

async function marked(text: string): Promise<string> {
  const bytes = Buffer.from(text);
  return redacted(bytes, await findSecrets(bytes)).toString();
}

describe('a secret in a text', () => {
  it.each<[string, string]>([
    [`sk-ant-api03-${random(95)}`, '[redacted:anthropic_key]'],
    [`sk-ant-oat01-${random(40)}-${random(40)}_AA`, '[redacted:anthropic_key]'],
    [`behind wordsk-ant-api03-${random(40)}`, 'behind word[redacted:anthropic_key]'],
    [`sk-or-v1-${hex(64)}`, '[redacted:openrouter_key]'],
    [`sk-proj-${random(70)}T3BlbkFJ${random(70)}`, '[redacted:openai_key]'],
    [`sk-svcacct-${random(40)}_${random(40)}`, '[redacted:openai_key]'],
    [`sk-${random(20)}T3BlbkFJ${random(20)}`, '[redacted:openai_key]'],
    [`sk-${hex(32)}`, '[redacted:api_key]'],
    [`?key=AIzaSy${random(33)}&alt=sse`, '?key=[redacted:google_key]&alt=sse'],
    ...Object.keys(OWN_CREDENTIALS).map((kind): [string, string] => [
      `x${kind}_${hex(64)}`,
      'x[redacted:tracevault_token]',
    ]),
    ...['ghp', 'gho', 'ghu', 'ghs', 'ghr'].map((kind): [string, string] => [
      `${kind}_${random(36)}`,
      '[redacted:github_token]',
    ]),
    [`github_pat_${random(22)}_${random(59)}`, '[redacted:github_token]'],
    [`GITHUB_TOKEN=ghp_${random(36)};`, 'GITHUB_TOKEN=[redacted:github_token];'],
    [`https://ada:ghp_${random(36)}@github.com/`, 'https://ada:[redacted:github_token]@github.com/'],
    [`ghp_${random(36)}ghp_${random(36)}`, '[redacted:github_token]_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9'],
    [`glpat-${random(20)}`, '[redacted:gitlab_token]'],
    [`glpat-${random(27)}.01.${random(9)}`, '[redacted:gitlab_token]'],
    [`//registry/:_authToken=npm_${random(36)}`, '//registry/:_authToken=[redacted:npm_token]'],
    [`xoxb-123456789012-1234567890123-${random(24)}`, '[redacted:slack_token]'],
    [`xapp-1-A0123-4567-${hex(64)}`, '[redacted:slack_token]'],
    [`sk_live_${random(24)}`, '[redacted:stripe_key]'],
    [`rk_test_${random(99)}`, '[redacted:stripe_key]'],
    [`AKIA${awsId}`, '[redacted:aws_access_key]'],
    [`"ASIA${awsId}"`, '"[redacted:aws_access_key]"'],
    [`AWS_SECRET_ACCESS_KEY=${awsSecret}`, 'AWS_SECRET_ACCESS_KEY=[redacted:aws_secret_key]'],
    [`aws_secret_access_key = ${awsSecret}\n`, 'aws_secret_access_key = [redacted:aws_secret_key]\n'],
    [`secretAccessKey: '${awsSecret}',`, "secretAccessKey: '[redacted:aws_secret_key]',"],
    [`{"SecretAccessKey":"${awsSecret}"}`, '{"SecretAccessKey":"[redacted:aws_secret_key]"}'],
    [
      `{\\"secret_access_key\\": \\"${awsSecret.replaceAll('/', '\\\\/')}\\"}`,
      '{\\"secret_access_key\\": \\"[redacted:aws_secret_key]\\"}',
    ],
    [
      `{"name":"AWS_SECRET_ACCESS_KEY","value":"${awsSecret}"}`,
      '{"name":"AWS_SECRET_ACCESS_KEY","value":"[redacted:aws_secret_key]"}',
    ],
    [`"secretAccessKey=\\\\\\/${awsSecret.slice(1)}"`, '"secretAccessKey=\\\\\\/[redacted:aws_secret_key]"'],
    [
      `"-----BEGIN PRIVATE KEY----- ${'\\'.repeat(8)}/${random(45)}"`,
      `"-----BEGIN PRIVATE KEY----- ${'\\'.repeat(4)}[redacted:private_key]"`,
    ],
    [`authorization: Bearer ${jwt}`, 'authorization: Bearer [redacted:json_web_token]'],
    [`Cookie: t=${jwt}; x`, 'Cookie: t=[redacted:json_web_token]; x'],
    ['postgres://app:hunter2@db:5432/x', 'postgres://app:[redacted:url_password]@db:5432/x'],
    ['postgres://user:password@host', 'postgres://user:[redacted:url_password]@host'],
    ['redis://:s3cret@10.0.0.1', 'redis://:[redacted:url_password]@10.0.0.1'],
    ['postgres:\\/\\/app:p@ss\\u0026@db', 'postgres:\\/\\/app:[redacted:url_password]@db'],
    [`a\n${pem('\n')}\nb`, 'a\n[redacted:private_key]\nb'],
    [`"${pem('\\n', '')}\\n"`, '"[redacted:private_key]\\n"'],
    [`"{\\"key\\": \\"${pem('\\\\n', 'EC ')}\\"}"`, '"{\\"key\\": \\"[redacted:private_key]\\"}"'],
    [`     1\t${pem('\n     2\t', 'OPENSSH ')}`, '     1\t[redacted:private_key]'],
    [
      `["${pem('","', '')}"]`,
      `["-----BEGIN PRIVATE KEY-----","${'[redacted:private_key]","'.repeat(3)}-----END PRIVATE KEY-----"]`,
    ],
    [`"${pem('\\n').slice(0, 150)}"`, expect.stringContaining('-----\\n[redacted:private_key]\\n')],
  ])('is replaced by a mark: %s', async (text, expected) => {
    expect(await marked(text)).toEqual(expected);
  });

  it.each([
    '123e4567-e89b-12d3-a456-426614174000',
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    hex(64),
    Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7919) % 256)).toString('base64'),
    'req_011CSHoEeqs5C35K2UUqR7Fy toolu_01A09q90qw90lq917835lq9',
    'sk-spinner-wrapper-of-the-loading-indicator-container',
    'task-sk-learn disk-0123456789012345678901234567890123',
    'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'sk-ant-your-key-goes-here-and-nowhere-else-please',
    'npm_config_user_agent npm_lifecycle_event',
    'AKIAIOSFODNN7EXAMPLE AKIAIOSF',
    'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'AWS_SECRET_ACCESS_KEY=$(cat secret)',
    `the secret access key ${random(40)}`,
    'http://localhost:3000/@scope/name ssh://git@github.com https://a.b:443/x?y=z@w',
    'postgres://app:${PASSWORD}@db postgres://{user}:{password}@{host} postgres://app:***@db',
    "if (text.includes('-----BEGIN PRIVATE KEY-----') && text.includes('-----END PRIVATE KEY-----'))",
    `-----BEGIN CERTIFICATE-----\n${line}\n-----END CERTIFICATE-----`,
    `${base64url({ v: 1 })}.${base64url({ v: 2 })}.${random(43)}`,
    'eyJ.eyJ.x',
    // The end of an escape is no beginning of a token.
    `\\npm_${random(36)}`,
    `\\tvs_${hex(64)}`,
    '[redacted:github_token]',
  ])('is not seen in %s', async (text) => {
    expect(await marked(text)).toBe(text);
  });

  it('is found behind an escape, and leaves JSON what it was', async () => {
    const secrets = [
      `ghp_${random(36)}`,
      `npm_${random(36)}`,
      `tvp_${hex(64)}`,
      jwt,
      pem('\n'),
      pem('\r\n'),
      `AWS_SECRET_ACCESS_KEY="${awsSecret}"`,
      'postgres://app:hunter2@db',
    ];
    for (const [index, secret] of secrets.entries())
      for (const before of ['', '\n', '\t', '\\', '"', 'é', '\u0001', '\u{1f600}']) {
        let text = `${before}${secret}\n`;
        for (let depth = 0; depth < 3; depth++) {
          text = JSON.stringify({ text });
          const shown = await marked(text);
          expect([index, before, depth, shown]).toEqual([
            ...[index, before, depth],
            expect.stringContaining('[redacted:'),
          ]);
          expect(() => JSON.parse(shown) as unknown).not.toThrow();
        }
      }
  });

  it('is found on the border of what is looked through at once', async () => {
    const secret = `ghp_${random(36)}`;
    for (let shift = -45; shift <= 5; shift++) {
      const text = `${'.'.repeat(64 * 1024 + shift)}${secret}.${'.'.repeat(200_000)}${secret}`;
      expect((await findSecrets(Buffer.from(text))).length).toBe(2);
    }
  });

  it('is found with any of the prefixes that the log hides', () => {
    for (const { prefix } of CREDENTIAL_PREFIXES)
      expect([prefix, TOKEN_SHAPES.some((shape) => shape.prefix.startsWith(prefix))]).toEqual([prefix, true]);
  });
});
