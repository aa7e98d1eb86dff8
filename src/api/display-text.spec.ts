import { displayTextError } from './display-text';

describe('a text that people see', () => {
  it.each<[unknown, string | undefined, string | undefined]>([
    ['Ada', undefined, undefined],
    ['Zo\u00eb \u{1f469} \u2764\ufe0f', undefined, undefined],
    ['a', undefined, undefined],
    ['x'.repeat(10), undefined, undefined],
    ['\u{1f469}'.repeat(10), undefined, undefined], // counted in characters, not in UTF-16 units
    ['', 'name must have 1 to 10 characters', 'too_short'],
    ['x'.repeat(11), 'name must have 1 to 10 characters', 'too_long'],
    [1, 'name must have 1 to 10 characters', 'invalid_type'],
    [null, 'name must have 1 to 10 characters', 'invalid_type'],
    ['a\u001bb', 'name must not hold characters that nobody sees', 'invalid_characters'],
    ['a\u200bb', 'name must not hold characters that nobody sees', 'invalid_characters'],
    ['a\u2028b', 'name must not hold characters that nobody sees', 'invalid_characters'],
    ['\u3164', 'name must hold a character that can be seen', 'blank'],
    ['\u2800 \u00a0', 'name must hold a character that can be seen', 'blank'],
    ['\ufe0f', 'name must hold a character that can be seen', 'blank'],
  ])('%j: %s (%s)', (value, problem, code) => {
    const told = displayTextError('name', value, { min: 1, max: 10 });
    if (problem === undefined) expect(told).toBeUndefined();
    else expect(told).toEqual({ code, message: expect.stringMatching(`^${problem}`) });
  });

  it('may be left empty where nothing has to stand', () => {
    expect(displayTextError('name', '', { min: 0, max: 10 })).toBeUndefined();
    expect(displayTextError('name', 'x'.repeat(11), { min: 0, max: 10 })).toEqual({
      code: 'too_long',
      message: 'name must have at most 10 characters',
    });
    expect(displayTextError('name', '\u3164', { min: 0, max: 10 })).toMatchObject({ code: 'blank' });
  });
});
