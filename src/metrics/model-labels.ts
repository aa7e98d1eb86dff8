import { RecordedCalls } from '../metering/recorded-calls';

/** The maximum number of models of a provider with series of their own, in one process. */
export const MAX_MODELS = 100;

/**
 * Chooses the labels of models. Clients write any name into a request, so that only a name under which a model has answered
 * becomes a label, and of each provider only the first hundred.
 */
export class ModelLabels {
  private readonly named = new Map<string, Set<string>>();

  /** Returns a model's name; `other` for a model without series of its own, and `none` for calls that name no model. */
  labelOf({ provider, model, has_answered }: RecordedCalls): string {
    if (model === null) return 'none';
    const named = this.named.get(provider) ?? new Set();
    if (!named.has(model)) {
      if (!has_answered || named.size >= MAX_MODELS) return 'other';
      this.named.set(provider, named.add(model));
    }
    return model;
  }
}
