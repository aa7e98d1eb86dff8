import { piecesOf } from './body-pieces';

const cut = (body: string) => {
  const bytes = Buffer.from(body);
  return piecesOf(bytes).map(({ start, end }) => bytes.toString('utf8', start, end));
};

describe('the pieces of a body', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['{}', ['{}']],
    ['no JSON', ['no JSON']],
    [
      '{"model":"m","system":"be kind","messages":[{"a":1},{"b":[2]}]}',
      ['{"model":"m","system":', '"be kind"', ',"messages":[', '{"a":1}', ',', '{"b":[2]}', ']}'],
    ],
    [' { "tools" : [ {"x":"]"} , 3 ] } ', [' { "tools" : [ ', '{"x":"]"}', ' , ', '3', ' ] } ']],
    ['{"system":[{"t":1}],"input":"hello"}', ['{"system":[', '{"t":1}', '],"input":', '"hello"', '}']],
    ['{"contents":[],"tools":{}}', ['{"contents":[],"tools":', '{}', '}']],
    [
      '{"messages":["\\"]","\\\\"],"messages":[1e400]}',
      ['{"messages":[', '"\\"]"', ',', '"\\\\"', '],"messages":[', '1e400', ']}'],
    ],
    ['{"metadata":{"messages":[1,2]}}', ['{"metadata":{"messages":[1,2]}}']],
  ])('%s', (body, pieces) => {
    expect(cut(body)).toEqual(pieces);
  });

  it.each([
    '{"messages":[{"a":1}',
    '{"messages":[1,]}',
    '{"messages":[1]} more',
    '{"messages" [1]}',
    '{"messages":[1]',
    '{"messages":["open]}',
    '{"messages":[{"a":[}]',
    '[{"messages":[1]}]',
    '{messages:[1]}',
    '{"system":}',
  ])('are one where it is no JSON object: %s', (body) => {
    expect(cut(body)).toEqual([body]);
  });

  it('are cut from bytes that are no UTF-8', () => {
    const bytes = Buffer.from('{"messages":["\xff\xfe",1]}', 'latin1');
    const pieces = piecesOf(bytes).map(({ start, end }) => bytes.toString('latin1', start, end));
    expect(pieces).toEqual(['{"messages":[', '"\xff\xfe"', ',', '1', ']}']);
  });

  it('are at most some thousand, and what is behind them is one', () => {
    const body = Buffer.from(`{"messages":[${Array(20_000).fill('1').join()}]}`);
    const pieces = piecesOf(body);
    expect(pieces.length).toBe(2 * 5_000 + 1);
    expect(pieces.at(-1)?.end).toBe(body.length);
    expect(pieces.every(({ start }, index) => start === (pieces[index - 1]?.end ?? 0))).toBe(true);
  });

  it('are one in a body of more than eight MiB', () => {
    const body = Buffer.from(JSON.stringify({ messages: ['x'.repeat(8 * 1024 * 1024)] }));
    expect(piecesOf(body)).toEqual([{ start: 0, end: body.length }]);
  });
});
