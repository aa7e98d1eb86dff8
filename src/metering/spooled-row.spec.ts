import { callRow } from '../../test/support/call-rows';
import { rowIn } from './spooled-row';

const ROW = callRow({ id: 'req_1', user_id: '00000000-0000-4000-8000-000000000001' });

describe('a line of the spool', () => {
  it.each([
    ['a call', {}],
    ['a call with a cost', { cost_nano_usd: '12345678901', cost_lines: [], price_id: 'a', price_facts: {} }],
    ['a call of an earlier version, without columns that came later', { price_facts: undefined }],
    ['a call of a later version', { a_later_column: 1 }],
  ])('holds %s', (_, more) => {
    const row = { ...ROW, ...more };
    expect(rowIn(JSON.stringify(row))).toEqual(JSON.parse(JSON.stringify(row)));
  });

  it.each(['', '{"id":"req', 'null', '1', '"text"', '[]', '{}'])('holds none: %s', (line) => {
    expect(rowIn(line)).toBeUndefined();
  });

  it.each([
    [{ id: undefined }],
    [{ id: null }],
    [{ id: 1 }],
    [{ at: 1764288000000 }],
    [{ at: 'yesterday' }],
    [{ at: '2026-99-01T00:00:00Z' }],
    [{ user_id: 'somebody' }],
    [{ provider: { id: 'anthropic' } }],
    [{ status: '200' }],
    [{ input_tokens: 'many' }],
    [{ input_tokens: 1.5 }],
    [{ output_tokens: undefined }],
    [{ ms: null }],
    [{ cost_nano_usd: 'free' }],
    [{ cost_lines: 'none' }],
    [{ once_key: 7 }],
  ])('holds none when a column is missing or of another type: %j', (more) => {
    expect(rowIn(JSON.stringify({ ...ROW, ...more }))).toBeUndefined();
  });
});
