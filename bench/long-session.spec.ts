import { LongSession } from './long-session';

interface Body {
  readonly system: object[];
  readonly messages: object[];
}
const bodies = (seed: number): Body[] => {
  const session = new LongSession('bench-message', seed, 2_000);
  return [session.next(), session.next(), session.next()].map((body) => JSON.parse(body.toString()) as Body);
};

describe('the calls of a long session', () => {
  it('repeat all that was said before, and add a turn', () => {
    const [first, second, third] = bodies(1);
    expect(first!.messages).toHaveLength(1);
    expect(second!.messages.slice(0, 1)).toEqual(first!.messages);
    expect(third!.messages.slice(0, 3)).toEqual(second!.messages);
    expect(third!.system).toEqual(first!.system);
    const size = (body: Body): number => JSON.stringify(body).length;
    expect(size(third!) - size(second!)).toBeGreaterThan(1_900);
  });

  it('are the same for one seed, and others for another', () => {
    expect(bodies(1)).toEqual(bodies(1));
    expect(bodies(2)).not.toEqual(bodies(1));
  });
});
