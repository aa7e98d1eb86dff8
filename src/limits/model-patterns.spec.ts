import { isModelAllowed } from './model-patterns';

describe('isModelAllowed', () => {
  it.each([
    ['claude-haiku-4-5', ['claude-haiku-4-5'], true],
    ['gpt-5-mini', ['gpt-5'], false],
    ['claude-haiku-4-5-20251001', ['claude-haiku-*'], true],
    ['Claude-Haiku-4-5', ['claude-HAIKU-*'], true],
    ['claude-opus-4-8', ['claude-haiku-*', '*-opus-*'], true],
    ['claude-opus-4-8', ['claude-haiku-*', 'gpt-*'], false],
    ['gpt-5-mini', ['gpt-*-mini'], true],
    ['gpt-5', ['gpt-*-mini'], false],
    ['gpt-mini', ['gpt-*-mini'], false], // the pieces must not overlap
    ['anything', ['*'], true],
    ['aab', ['a*ab'], true],
    ['ab', ['a*ab'], false],
    ['a.b', ['a?b', 'a+b', '.*'], false],
    ['anything', [], false],
  ])('%s with %j: %s', (model, patterns, expected) => {
    expect(isModelAllowed(model, patterns)).toBe(expected);
  });
});
