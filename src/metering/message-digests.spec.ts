import fc from 'fast-check';
import { JsonScanner } from './json-scanner';
import { MessageDigests } from './message-digests';

/** Reads a document in pieces of a size, as bytes of Latin-1 characters. */
function read(document: object | string, size = 11): MessageDigests {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const digests = new MessageDigests();
  const scanner = new JsonScanner({}, { name: 'messages', to: digests });
  const bytes = Buffer.from(text).toString('latin1');
  for (let at = 0; at < bytes.length; at += size) scanner.feed(bytes.slice(at, at + size));
  scanner.finish();
  return digests;
}

const listsOf = (messages: unknown, size?: number): readonly string[] => read({ messages }, size).lists;
const user = (content: unknown) => ({ role: 'user', content });
const text = (words: string, more: object = {}) => [{ type: 'text', text: words, ...more }];
const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } };

describe('the digests of a conversation', () => {
  const conversation = [user('one'), { role: 'assistant', content: text('two') }, user('three "\\" ü😀')];

  it('are one for each beginning of it, whatever pieces it comes in', () => {
    const whole = listsOf(conversation);
    expect(new Set(whole).size).toBe(3);
    for (let count = 0; count <= 3; count++)
      expect(listsOf(conversation.slice(0, count))).toEqual(whole.slice(0, count));
    for (const size of [1, 2, 7, 64, 1e6]) expect(listsOf(conversation, size)).toEqual(whole);
  });

  it.each([
    ['a text is a list of one part', [user(text('one'))], [user('one')]],
    ['the cache is marked', [user(text('one', mark))], [user(text('one'))]],
    ['the cache is marked in front', [user([{ ...mark, type: 'text', text: 'one' }])], [user('one')]],
    ['the cache is marked on the message', [{ ...mark, ...user('one') }], [user('one')]],
    [
      'it is written with other spaces',
      `{ "messages" :[ ${JSON.stringify(user('one'), null, 2)} ] }`,
      [user('one')],
    ],
    ['there are instructions', [{ role: 'system', content: 'It is noon' }, user('one')], [user('one')]],
    ['there are other instructions', [{ role: 'developer', content: text('!') }, user('one')], [user('one')]],
    ['it is one text', 'one', ['one']],
    [
      'the member is there twice',
      '{"messages":[{"a":"x"},{"a":"y"}],"messages":[{"a":"one"}]}',
      [{ a: 'one' }],
    ],
  ])('are the same where %s', (_, one, other) => {
    const document = typeof one === 'string' && one.startsWith('{') ? one : { messages: one };
    expect(read(document).lists).toEqual(listsOf(other));
    expect(read(document).count).toBe(1);
  });

  it.each([
    ['another text', [user('one')], [user('two')]],
    ['texts that are divided in another way', [user(text('ab'))], [user([...text('a'), ...text('b')])]],
    [
      'messages that are divided in another way',
      [user('a'), user('b')],
      [user([...text('a'), ...text('b')])],
    ],
    ['another input of a tool', [user([{ input: { path: 'a' } }])], [user([{ input: { path: 'b' } }])]],
    ['another picture', [user([{ source: { data: 'AA' } }])], [user([{ source: { data: 'AB' } }])]],
    ['a text behind the mark', [user([{ ...mark, text: 'a' }])], [user([{ ...mark, text: 'b' }])]],
  ])('differ for %s', (_, one, other) => {
    expect(listsOf(one).at(-1)).not.toBe(listsOf(other).at(-1));
  });

  it.each([
    ['no list', { messages: null }],
    ['an empty list', { messages: [] }],
    ['a number', { messages: 7 }],
    ['messages without any text', { messages: [{ n: 1 }, null, [], {}] }],
    ['instructions alone', { messages: [{ role: 'system', content: 'x' }] }],
    ['another member', { message: ['x'], more: { messages: ['y'] } }],
    ['a list of documents', '[{"messages":["x"]}]'],
  ])('are none for %s', (_, document) => {
    expect(read(document)).toMatchObject({ count: 0, lists: [] });
  });

  it('are those of the last 500 messages, of which 5,000 are looked at', () => {
    const messages = Array.from({ length: 5_100 }, (_, index) => user(`message ${index}`));
    const most = read({ messages: messages.slice(0, 4_999) });
    expect([most.count, most.lists.length, most.isCut]).toEqual([4_999, 500, false]);
    const more = read({ messages });
    expect([more.count, more.lists.length, more.isCut]).toEqual([5_000, 500, true]);
  });

  it('end at a message that is nested too deeply', () => {
    const deep = `${'['.repeat(1e5)}"x"${']'.repeat(1e5)}`;
    const digests = read(`{"messages":[{"a":"one"},${deep},{"a":"three"}]}`, 1000);
    expect([digests.count, digests.isCut]).toEqual([1, true]);
    expect(digests.lists).toEqual(listsOf([{ a: 'one' }]));
  });

  it('of a long text take no more memory than its pieces, and are those of all of it', () => {
    const long = 'x'.repeat(1_000_000);
    expect(listsOf([user(long)], 65_536)).toEqual(listsOf([user(long)], 999));
    expect(listsOf([user(`${long}y`)])).not.toEqual(listsOf([user(`${long}z`)]));
  });

  it('of any messages are those of their beginnings', () => {
    const message = fc.record({ role: fc.constant('user'), content: fc.jsonValue(), more: fc.string() });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 6 }),
        fc.nat(),
        fc.integer({ min: 1, max: 40 }),
        (all, at, size) => {
          const lists = listsOf(all, size);
          expect(lists).toHaveLength(all.length);
          const count = at % (all.length + 1);
          expect(listsOf(all.slice(0, count))).toEqual(lists.slice(0, count));
        },
      ),
    );
  });

  it('leave the rest of the document as it is, whatever the messages are', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.jsonValue(),
        fc.integer({ min: 1, max: 40 }),
        (messages, model, size) => {
          for (const spaces of [0, 2]) {
            const json = JSON.stringify({ metadata: { messages }, messages, model }, null, spaces);
            const scanner = new JsonScanner({ model: true }, { name: 'messages', to: new MessageDigests() });
            const bytes = Buffer.from(json).toString('latin1');
            for (let at = 0; at < bytes.length; at += size) scanner.feed(bytes.slice(at, at + size));
            const { value, isWhole } = scanner.finish();
            expect([isWhole, (value as { model: unknown }).model]).toEqual([
              true,
              JSON.parse(JSON.stringify(model)),
            ]);
          }
        },
      ),
    );
  });
});
