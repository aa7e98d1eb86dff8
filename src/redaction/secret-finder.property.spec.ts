import fc from 'fast-check';
import { redacted } from './redacted-bytes';
import { findSecrets } from './secret-finder';
import { findStreamed } from './streamed-secrets';

/** What patterns are made of, as tokens in an order that nobody foresaw. */
const PARTS = [
  ...['ghp_', 'github_pat_', 'sk-', 'sk-ant-', 'sk-proj-', 'AIza', 'AKIA', 'tvp_', 'npm_', 'xoxb-', 'glpat-'],
  ...[
    'eyJ',
    '.',
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    '://',
    '@',
    ':',
    'secretAccessKey',
  ],
  ...['=', '"', '\\', '\\n', '\\u0041', '/', ' ', '\n', 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8'],
  ...['aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m', 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN'.slice(0, 39)],
  ...['0123456789abcdef'.repeat(4), 'data: {"delta":"', '"}', 'é'],
];
const hostile = fc.array(fc.constantFrom(...PARTS), { maxLength: 40 }).map((parts) => parts.join(''));

/** The number of places at which bytes stand in others: those of a secret can stand elsewhere as well, where they are none. */
function count(all: Buffer, wanted: Buffer): number {
  let places = 0;
  for (let at = all.indexOf(wanted); at >= 0; at = all.indexOf(wanted, at + 1)) places += 1;
  return places;
}

const SIZE = 5 * 1024 * 1024;
/** The bytes that take longest: each makes another expression begin as often as it can, and fail as late as it can. */
const SLOW = [
  ...[
    'a',
    '-',
    '\\',
    '"',
    '://',
    'eyJ',
    'eyJa.',
    '+eyJ',
    'sk-',
    'sk-ant-',
    'sk-proj-',
    'ghp_',
    'tvs_',
    'AKIA ',
  ],
  ...['github_pat_', '-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----aaaaaa"-----END '],
  `-----BEGIN PRIVATE KEY----- ${'A'.repeat(39)} `,
  `://${'a'.repeat(100)}:${'@'.repeat(200)} `,
  'secretAccessKey',
  `secretAccessKey${'\\'.repeat(5)}${' '.repeat(8)}${'\\'.repeat(5)}`,
  `secretAccessKey:${'\\/'.repeat(39)}`,
  'data: {"index":0,"delta":{"text":"ghp_a"}}\n\n',
];

describe('looking for secrets', () => {
  it('finds places in their order, in any bytes, and the marks are none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(hostile, fc.string()), async (text) => {
        const bytes = Buffer.from(text);
        const found = await findSecrets(bytes);
        let last = 0;
        for (const { start, end } of found) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(bytes.length);
        const streamed = await findStreamed(bytes);
        const shown = redacted(bytes, [...found, ...streamed]);
        for (const { start, end, kind } of [...found, ...streamed])
          if (kind !== 'url_password' && end - start >= 40)
            expect(count(shown, bytes.subarray(start, end))).toBeLessThan(
              count(bytes, bytes.subarray(start, end)),
            );
      }),
      { numRuns: 300 },
    );
  });

  it('leaves JSON what it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), hostile), fc.nat(2), async (value, depth) => {
        let text = JSON.stringify(value);
        for (let level = 0; level < depth; level++) text = JSON.stringify({ text });
        const bytes = Buffer.from(text);
        const shown = redacted(bytes, await findSecrets(bytes)).toString();
        expect(() => JSON.parse(shown) as unknown).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it.each(SLOW)(
    'takes no time to speak of for five MiB of %j, and lets others go in between',
    async (part) => {
      const bytes = Buffer.from(part.repeat(Math.ceil(SIZE / part.length)));
      let [turns, isOver] = [0, false];
      const others = (): void => {
        turns += 1;
        if (!isOver) setImmediate(others);
      };
      others();
      await findSecrets(bytes);
      await findStreamed(bytes);
      isOver = true;
      expect(turns).toBeGreaterThan(50);
    },
  );
});
