import { Spares } from './spares';

describe('spares', () => {
  it('are given out again, and created where there are none', () => {
    let created = 0;
    const spares = new Spares(() => ({ number: (created += 1) }), 2);
    const [one, two] = [spares.take(), spares.take()];
    expect(created).toBe(2);
    spares.giveBack(one);
    spares.giveBack(two);
    expect(new Set([spares.take(), spares.take()])).toEqual(new Set([one, two]));
    expect(spares.take().number).toBe(3);
  });

  it('are no more than that many', () => {
    let created = 0;
    const spares = new Spares(() => (created += 1), 1);
    [7, 8].forEach((one) => spares.giveBack(one));
    expect([spares.take(), spares.take()]).toEqual([7, 1]);
  });
});
