import type { components } from '../api/schema';
import { PATHS } from '../app/routes';
import { limitAttention } from '../limits/limit-attention';
import { expiresSoon } from '../tokens/token-life';

type Key = Pick<components['schemas']['MyKeyDto'], 'provider' | 'label' | 'in_use' | 'last_use'>;
type Token = Pick<components['schemas']['ProxyTokenDto'], 'id' | 'name' | 'expires_at'>;
type Usage = Pick<components['schemas']['UsageDto'], 'total' | 'groups'>;
type Limit = Parameters<typeof limitAttention>[0];

/** Something that needs a look, and where it is looked at. */
export interface Attention {
  readonly id: string;
  readonly tone: 'bad' | 'warn';
  readonly text: string;
  readonly href: string;
  readonly action: string;
}

interface Facts {
  readonly keys: readonly Key[];
  readonly tokens: readonly Token[];
  /** The sums of the last 30 days by day and model. */
  readonly usage: Usage;
  readonly limits: readonly Limit[];
  readonly now?: number;
}

/** Returns what needs a look, the worst first. */
export function attention({ keys, tokens, usage, limits, now = Date.now() }: Facts): Attention[] {
  const ofLimits = limits.flatMap((limit) => limitAttention(limit, now) ?? []);
  return [
    ...ofLimits.filter(({ tone }) => tone === 'bad'),
    ...keys.filter(isRefused).map(({ provider, label }): Attention => ({
      id: `key-${provider}`,
      tone: 'bad',
      text: `${label} refused your key at the last request.`,
      href: PATHS.myKeys,
      action: 'Replace the key',
    })),
    ...ofLimits.filter(({ tone }) => tone === 'warn'),
    ...tokens
      .filter(({ expires_at }) => expiresSoon(expires_at, now))
      .map(({ id, name }): Attention => ({
        id: `token-${id}`,
        tone: 'warn',
        text: `The token “${name}” expires within seven days.`,
        href: PATHS.tokens,
        action: 'Create another one',
      })),
    ...ofUsage(usage),
  ];
}

function isRefused({ in_use, last_use }: Key): boolean {
  return in_use === 'own' && (last_use?.status === 401 || last_use?.status === 403);
}

function ofUsage({ total, groups }: Usage): Attention[] {
  const models = [
    ...new Set(
      groups.filter(({ unpriced_calls }) => unpriced_calls > 0).map(({ key }) => key.model ?? 'no model'),
    ),
  ];
  const shown =
    models.length > 3 ? `${models.slice(0, 3).join(', ')} and ${models.length - 3} more` : models.join(', ');
  const found: Attention[] = [];
  if (total.unpriced_calls > 0)
    found.push({
      id: 'unpriced',
      tone: 'warn',
      text: `No price is known for ${shown}: the cost of ${requests(total.unpriced_calls)} is in no sum.`,
      href: PATHS.usage,
      action: 'See the usage by model',
    });
  if (total.unreadable_calls > 0)
    found.push({
      id: 'unreadable',
      tone: 'warn',
      text: `What ${requests(total.unreadable_calls)} used could not be read, and is in no sum.`,
      href: `${PATHS.requests}?usage_state=unreadable`,
      action: 'See them',
    });
  return found;
}

function requests(count: number): string {
  return count === 1 ? 'one request' : `${count} requests`;
}
