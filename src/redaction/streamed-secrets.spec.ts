import { redacted } from './redacted-bytes';
import { findSecrets } from './secret-finder';
import { findStreamed } from './streamed-secrets';

const SECRET = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7'.repeat(2).slice(0, 36)}`;
const MARK = '[redacted:github_token]';

/** How each format says a piece of a text, and how two texts are told apart. */
const FORMATS: [string, (text: string, index: number) => object][] = [
  [
    'a text of Messages',
    (text, index) => ({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } }),
  ],
  [
    'the input of a tool of Messages',
    (text, index) => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'input_json_delta', partial_json: text },
    }),
  ],
  ['Chat Completions', (content, index) => ({ choices: [{ index, delta: { content } }] })],
  [
    'a call of Chat Completions',
    (text, index) => ({
      choices: [{ index: 0, delta: { tool_calls: [{ index, function: { arguments: text } }] } }],
    }),
  ],
  [
    'Responses',
    (delta, index) => ({ type: 'response.output_text.delta', output_index: index, content_index: 0, delta }),
  ],
  ['generateContent', (text, index) => ({ candidates: [{ index, content: { parts: [{ text }] } }] })],
];

async function marked(stream: string): Promise<string> {
  const bytes = Buffer.from(stream);
  return redacted(bytes, [...(await findSecrets(bytes)), ...(await findStreamed(bytes))]).toString();
}

describe('a secret in a stream of events', () => {
  describe.each(FORMATS)('in %s', (_, event) => {
    const streamOf = (texts: readonly string[], index = 0) =>
      texts.map((text) => `event: x\ndata: ${JSON.stringify(event(text, index))}\n\n`).join('');

    it.each([1, 2, 3, 7, 39])('is replaced where it comes in pieces of %d characters', async (size) => {
      const text = `é "It is\n${SECRET}."`;
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        text.slice(at * size, (at + 1) * size),
      );
      const shown = await marked(streamOf(pieces));
      const events = shown
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => JSON.parse(line.slice('data: '.length)) as object);
      const texts = pieces.map((piece, at) => textIn(events[at], event(piece, 0), piece));
      expect(texts.join('')).toBe(text.replace(SECRET, MARK));
    });

    it('is replaced where another text goes on in between, and not made up from two of them', async () => {
      const [start, rest] = [SECRET.slice(0, 20), SECRET.slice(20)];
      const between = streamOf(['an other'], 1);
      const shown = await marked(streamOf([start]) + between + streamOf([rest]));
      expect(shown).toBe(streamOf([MARK]) + between + streamOf(['']));
      const apart = streamOf([start], 0) + streamOf([rest], 1);
      expect(await marked(apart)).toBe(apart);
    });

    it('is replaced as a whole where its first piece is one alone', async () => {
      const shown = await marked(streamOf([SECRET, 'aB3dE6']));
      expect(shown).toBe(streamOf([MARK, '']));
    });
  });
});

/** Returns the text in an event, which is like another one apart from it. */
function textIn(event: unknown, like: unknown, text: string): string {
  if (like === text && typeof event === 'string') return event;
  for (const [name, value] of Object.entries(Object(like) as Record<string, unknown>)) {
    const inside = (Object(event) as Record<string, unknown>)[name];
    if (value === text && typeof inside === 'string' && name !== 'type') return inside;
    if (typeof value === 'object' && value !== null) {
      const found = textIn(inside, value, text);
      if (found !== '' || JSON.stringify(value).includes(JSON.stringify(text))) return found;
    }
  }
  return '';
}
