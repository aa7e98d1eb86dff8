import type { EffectiveLimit } from './limit-words';

/** How near the end of a limit is. */
export type Level = 'fine' | 'high' | 'nearly' | 'reached' | 'blocked';

/** The shares of a limit that are spent from which on a person is told. */
const HIGH = 0.75;
const NEARLY = 0.95;

/** How much of a limit is used. The shares are of its amount, from 0 to 1, and 1 together at most. */
export interface Use {
  readonly spent: number;
  /** What open calls may still cost. */
  readonly reserved: number;
  readonly level: Level;
}

type Amounts = Pick<EffectiveLimit, 'amount_usd' | 'spent_usd' | 'reserved_usd'>;

/** Returns how much of a limit is used; undefined for one that has no amount, or of which it is not known. */
export function useOf({ amount_usd, spent_usd, reserved_usd }: Amounts): Use | undefined {
  if (amount_usd === null || spent_usd === null) return undefined;
  const amount = Number(amount_usd);
  if (amount === 0) return { spent: 1, reserved: 0, level: 'blocked' };
  const spent = Math.min(1, Number(spent_usd) / amount);
  const reserved = Math.min(1 - spent, Number(reserved_usd) / amount);
  return { spent, reserved, level: levelOf(spent) };
}

function levelOf(spent: number): Level {
  if (spent >= 1) return 'reached';
  if (spent >= NEARLY) return 'nearly';
  return spent >= HIGH ? 'high' : 'fine';
}

/** Returns a share in percent. It is never rounded up: what is not used up is below 100%. */
export function shareInWords(share: number): string {
  if (share > 0 && share < 0.01) return 'less than 1%';
  return `${Math.floor(share * 100 + 1e-9)}%`;
}

/** What to say of a limit whose end is near, and what it means for the person; nothing while it is far. */
export const LEVEL_WORDS: Readonly<
  Record<Exclude<Level, 'fine'>, { readonly label: string; readonly means?: string }>
> = {
  high: { label: 'Running low' },
  nearly: { label: 'Almost used up', means: 'large requests may be refused already' },
  reached: { label: 'Used up', means: 'requests are refused' },
  blocked: { label: 'Blocked', means: 'requests are refused' },
};

/** How a level is coloured, in addition to its words. */
export const TONES: Readonly<Record<Level, 'good' | 'warn' | 'bad'>> = {
  fine: 'good',
  high: 'warn',
  nearly: 'bad',
  reached: 'bad',
  blocked: 'bad',
};
