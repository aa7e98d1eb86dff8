import { Quota, QuotaFacts } from './quota';

const KEY = {
  limitId: 'limit',
  orgId: 'org',
  subjectId: 'org',
  measure: 'spend',
  period: { start: 0, end: 1 },
  countsOwnKeys: false,
} as const;

/** The database, in one number for each process: what it does for two quotas of one limit. */
class Grants {
  spent = 0;
  readonly granted = new Map<Quota, number>();

  facts(of: Quota): QuotaFacts {
    const others = [...this.granted].filter(([quota]) => quota !== of);
    return { spent: this.spent, grantedToOthers: others.reduce((sum, [, granted]) => sum + granted, 0) };
  }

  grant(quota: Quota, need: number): void {
    const facts = this.facts(quota);
    const granted = quota.wanted(need, facts);
    this.granted.set(quota, granted);
    quota.renew({ granted, settled: quota.settled }, facts, now);
  }

  renew(quota: Quota): void {
    this.granted.set(quota, quota.shrink(now));
    quota.confirm(this.facts(quota), now);
  }

  get total(): number {
    return this.spent + [...this.granted.values()].reduce((sum, granted) => sum + granted, 0);
  }
}

let now = 0;

describe('Quota', () => {
  beforeEach(() => (now = 0));

  it('has nothing free before something is granted', () => {
    expect(new Quota(KEY, 100).freeAt(0)).toBe(0);
  });

  it('gets something in advance far from the limit, and no more than is left near it', () => {
    const grants = new Grants();
    const quota = new Quota(KEY, 1_000);
    grants.grant(quota, 40);
    expect([quota.granted, quota.freeAt(now)]).toEqual([160, 160]); // 40 and an eighth of 960
    grants.spent = 970;
    const other = new Quota(KEY, 1_000);
    grants.granted.delete(quota);
    grants.grant(other, 40);
    expect(other.granted).toBe(30);
    expect(other.left).toBe(0);
  });

  it('counts what a call has cost as spent, once, when the ledger has it', () => {
    const grants = new Grants();
    const quota = new Quota(KEY, 1_000);
    grants.grant(quota, 100);
    quota.hold(100);
    const free = quota.freeAt(now);
    quota.unhold(100 - 30); // it cost 30
    expect(quota.freeAt(now)).toBe(free + 70);
    grants.spent += 30; // the ledger is written
    quota.settle(30);
    expect(quota.held).toBe(0);
    expect(quota.freeAt(now)).toBe(free + 70);
    grants.renew(quota);
    expect(grants.total).toBeLessThanOrEqual(1_000);
  });

  it('does not use what is settled while the database is asked', () => {
    const grants = new Grants();
    const quota = new Quota(KEY, 100);
    grants.grant(quota, 50);
    quota.hold(50);
    const facts = grants.facts(quota);
    const granted = quota.wanted(20, facts);
    const { settled } = quota;
    grants.granted.set(quota, granted);
    grants.spent += 50;
    quota.settle(50);
    quota.renew({ granted, settled }, facts, now);
    expect(grants.spent + quota.freeAt(now)).toBeLessThanOrEqual(100);
  });

  it('is void when nobody was told of it for too long', () => {
    const grants = new Grants();
    const quota = new Quota(KEY, 100);
    grants.grant(quota, 10);
    expect(quota.freeAt(19_999)).toBeGreaterThan(0);
    expect(quota.freeAt(20_001)).toBe(0);
  });

  it('gives back what others could want, the more the less is left', () => {
    const grants = new Grants();
    const [one, other] = [new Quota(KEY, 1_000), new Quota(KEY, 1_000)];
    grants.grant(one, 1);
    for (let round = 0; round < 50; round++) {
      grants.grant(other, 20);
      if (other.freeAt(now) >= 20) other.hold(20);
      grants.renew(one);
    }
    expect(one.freeAt(now)).toBeLessThan(20);
    expect(other.held).toBeGreaterThan(950);
    expect(grants.total).toBeLessThanOrEqual(1_000);
  });

  it('keeps two processes within the limit whatever happens in which order', () => {
    const random = generator(1);
    for (let run = 0; run < 200; run++) {
      const grants = new Grants();
      const quotas = [new Quota(KEY, 1_000), new Quota(KEY, 1_000)];
      const open: { quota: Quota; held: number }[] = [];
      for (let step = 0; step < 300; step++) {
        const quota = quotas[random(2)]!;
        const need = 1 + random(60);
        const call = open[random(Math.max(1, open.length))];
        switch (random(5)) {
          case 0:
          case 1:
            if (quota.freeAt(now) < need) grants.grant(quota, need);
            if (quota.freeAt(now) < need) break;
            quota.hold(need);
            open.push({ quota, held: need });
            break;
          case 2:
            if (call === undefined) break;
            open.splice(open.indexOf(call), 1);
            call.quota.unhold(call.held - Math.floor(call.held / 2)); // it cost half
            grants.spent += Math.floor(call.held / 2);
            call.quota.settle(Math.floor(call.held / 2));
            break;
          case 3:
            grants.renew(quota);
            break;
          default:
            now += random(2_000);
        }
        const held = open.reduce((sum, one) => sum + one.held, 0);
        if (grants.spent + held > 1_000) throw new Error(`The limit is passed in step ${step} of run ${run}`);
      }
    }
  });
});

/** Returns a reproducible source of whole numbers from 0 to below a bound. */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * bound);
  };
}
