import { gzipSync } from 'node:zlib';
import { readCallHead } from './call-head';

const head = (body: object | string, isWhole = true, coding?: string) => {
  const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return readCallHead(coding === undefined ? text : gzipSync(text), isWhole, coding);
};

describe('readCallHead', () => {
  it.each([
    ['Anthropic', { model: 'm', max_tokens: 5, messages: [{ model: 'no', max_tokens: 9 }] }, 'm', 5],
    ['OpenAI Chat', { messages: [], model: 'm', max_completion_tokens: 5, max_tokens: 9 }, 'm', 5],
    ['OpenAI Responses', { model: 'm', max_output_tokens: 5 }, 'm', 5],
    ['several answers', { model: 'm', max_tokens: 5, n: 3 }, 'm', 15],
    ['Gemini', { contents: [], generationConfig: { maxOutputTokens: 5, candidateCount: 2 } }, undefined, 10],
    ['nothing', {}, undefined, undefined],
    ['no numbers', { model: 7, max_tokens: 'many' }, undefined, undefined],
  ])('reads %s', async (_, body, model, maxOutputTokens) => {
    const bytes = JSON.stringify(body).length;
    expect(await head(body)).toEqual({ model, maxOutputTokens, bytes });
    expect(await head(body, true, 'gzip')).toEqual({ model, maxOutputTokens, bytes });
  });

  it('reads what is there of a body that is not', async () => {
    expect(await head('{"model":"m","messages":["a text with \\"max_tokens\\": 7', false)).toEqual({
      model: 'm',
      maxOutputTokens: undefined,
      bytes: undefined,
    });
  });

  it.each(['', 'no JSON', '[]', '"model"', '\u0000'])('reads nothing from %j', async (body) => {
    expect(await head(body)).toMatchObject({ model: undefined, maxOutputTokens: undefined });
  });

  it('reads nothing from a coding that it does not know', async () => {
    const read = await readCallHead(Buffer.from('{"model":"m"}'), true, 'unknown');
    expect(read).toEqual({ model: undefined, maxOutputTokens: undefined, bytes: undefined });
  });
});
