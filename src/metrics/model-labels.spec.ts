import { RecordedCalls } from '../metering/recorded-calls';
import { MAX_MODELS, ModelLabels } from './model-labels';

describe('the label of a model', () => {
  let labels: ModelLabels;
  beforeEach(() => {
    labels = new ModelLabels();
  });
  const label = (model: string | null, has_answered = true, provider = 'anthropic'): string =>
    labels.labelOf({ provider, model, has_answered } as RecordedCalls);

  it('is its name once the model has answered, and not for having been requested', () => {
    expect(label('claude-opus-4-8', false)).toBe('other');
    expect(label('claude-opus-4-8')).toBe('claude-opus-4-8');
    expect(label('claude-opus-4-8', false)).toBe('claude-opus-4-8');
    expect(label('claude-opus-4-8', false, 'openrouter')).toBe('other');
  });

  it('is a word of its own for calls without a model', () => {
    expect([label(null), label(null, false)]).toEqual(['none', 'none']);
  });

  it('is shared by all models beyond the maximum of their provider, which takes no place from another provider', () => {
    const names = Array.from({ length: MAX_MODELS + 2 }, (_, index) => `model-${index}`);
    expect(names.map((name) => label(name))).toEqual([...names.slice(0, MAX_MODELS), 'other', 'other']);
    expect(label('model-0')).toBe('model-0');
    expect(label('model-500', true, 'gemini')).toBe('model-500');
  });
});
