import { displayTextFault } from './display-text';

describe('a text that people see', () => {
  it.each<[unknown, string | undefined]>([
    ['Ada', undefined],
    ['Zo\u00eb \u{1f469} \u2764\ufe0f', undefined],
    ['a', undefined],
    ['x'.repeat(10), undefined],
    ['\u{1f469}'.repeat(10), undefined], // in characters, not in halves of them
    ['', 'name must have 1 to 10 characters'],
    ['x'.repeat(11), 'name must have 1 to 10 characters'],
    [1, 'name must have 1 to 10 characters'],
    [null, 'name must have 1 to 10 characters'],
    ['a\u001bb', 'name must not hold characters that nobody sees'],
    ['a\u200bb', 'name must not hold characters that nobody sees'],
    ['a\u2028b', 'name must not hold characters that nobody sees'],
    ['\u3164', 'name must hold a character that can be seen'],
    ['\u2800 \u00a0', 'name must hold a character that can be seen'],
    ['\ufe0f', 'name must hold a character that can be seen'],
  ])('%j: %s', (value, fault) => {
    const told = displayTextFault('name', value, { min: 1, max: 10 });
    if (fault === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(new RegExp(`^${fault}`));
  });

  it('may be left empty where nothing has to stand', () => {
    expect(displayTextFault('name', '', { min: 0, max: 10 })).toBeUndefined();
    expect(displayTextFault('name', 'x'.repeat(11), { min: 0, max: 10 })).toBe(
      'name must have at most 10 characters',
    );
    expect(displayTextFault('name', '\u3164', { min: 0, max: 10 })).toMatch(/^name must hold/);
  });
});
