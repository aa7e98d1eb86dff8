import { BUILT_IN_DIALECTS, Dialect } from '../config/operator-provider';

/** What a provider is for its prices. */
export interface PricedProvider {
  readonly id: string;
  readonly dialect: Dialect;
}

/** What holds for all models of a vendor, unless a row of the table says otherwise. */
interface VendorRules {
  /** The factors on tokens by service tier. */
  readonly serviceTiers: Readonly<Record<string, string>>;
  /** The factors on tokens by region of inference. */
  readonly regions: Readonly<Record<string, string>>;
  /** What may stand before a model's name. */
  readonly prefix: RegExp;
  /** What may stand behind a model's name. */
  readonly suffix: RegExp;
}

/** The rules of the vendor of each dialect. */
export const VENDOR_RULES: Readonly<Record<Dialect, VendorRules>> = {
  anthropic: {
    serviceTiers: { batch: '0.5' },
    regions: { us: '1.1' },
    // Bedrock's regions and vendor, and the paths of gateways.
    prefix: /^(?:(?:[a-z]{2,6}|us-gov)\.)?anthropic[./]|^publishers\/anthropic\/models\//,
    suffix: /-v\d{1,2}(?::\d{1,3})?$/,
  },
  openai: {
    serviceTiers: { batch: '0.5', flex: '0.5' },
    regions: {},
    prefix: /^openai\//,
    // A fine-tuned model: `ft:gpt-4o-2024-08-06:organization:name:id`.
    suffix: /(?<=^ft:[^:]+):.*$/,
  },
  gemini: {
    serviceTiers: { batch: '0.5', flex: '0.5' },
    regions: {},
    prefix: /^(?:publishers\/google\/)?models\/|^google\//,
    suffix: /$^/,
  },
};

/** The service tiers that are the list price. */
export const STANDARD_TIERS: readonly string[] = ['standard', 'default', 'auto', 'on_demand'];

/** The regions of inference that are the list price. */
export const STANDARD_REGIONS: readonly string[] = ['global', 'not_available'];

/**
 * Returns the id under which a provider's prices stand in the product's table: its own, or that of the vendor whose dialect
 * a provider of the operator's own speaks.
 */
export function vendorOf({ id, dialect }: PricedProvider): string {
  return BUILT_IN_DIALECTS.has(id) ? id : dialect;
}
