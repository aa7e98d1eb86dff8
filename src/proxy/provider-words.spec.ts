import { providerWords } from './provider-words';

const KEY = 'sk-ant-api03-0123456789abcdefghij';
const said = (message: unknown): string =>
  JSON.stringify({ type: 'error', error: { type: 'authentication_error', message }, request_id: 'req_1' });

describe('the words of a provider', () => {
  it.each<[string, string, string | undefined]>([
    ['in its envelope', said('invalid x-api-key'), 'invalid x-api-key'],
    ['of a gateway that has no envelope', '{"error":"no such key"}', 'no such key'],
    ['with the key in them', said(`The key ${KEY} is not known.`), 'The key [key] is not known.'],
    ['with the key twice', said(`${KEY},${KEY}`), '[key],[key]'],
    ['with a part of the key', said('The key sk-ant-api03-0123 is not known'), 'The key [key] is not known'],
    ['with another credential', said(`tvs_${'a'.repeat(64)} is none`), '[key] is none'],
    ['with a word that ends like a prefix', said('the task-list is empty'), 'the task-list is empty'],
    ['with controls', said('a\u001b[31mb\u202ec'), 'a?[31mb?c'],
    ['with line breaks', said('one\r\ntwo'), 'one??two'],
    ['with spaces around', said('  no   key '), 'no key'],
    ['that are too many', said('é'.repeat(301)), `${'é'.repeat(300)}…`],
    ['that are just enough', said('é'.repeat(300)), 'é'.repeat(300)],
    ['that are empty', said(' '), undefined],
    ['that are a number', said(5), undefined],
    ['in a page of something in between', '<html>', undefined],
    ['in nothing', '', undefined],
    ['in null', 'null', undefined],
    ['in a list', '[{"error":{"message":"no"}}]', undefined],
  ])('%s', (_, body, words) => {
    expect(providerWords(body, KEY)).toBe(words);
  });

  it('hold no key either where it is cut by the limit', () => {
    const words = providerWords(said(`${'x'.repeat(290)} ${KEY}`), KEY);
    expect(words).not.toContain('sk-ant');
  });
});
