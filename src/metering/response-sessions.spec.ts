import { FollowedResponse } from './answered-calls.repository';
import { ResponseSessions } from './response-sessions';

const response = (response_id: string): FollowedResponse => ({
  ...{ user_id: 'u', org_id: null, client: null },
  response_id,
});

describe('the search for the sessions of responses', () => {
  it('is one query at a time for all calls that wait', async () => {
    const asked: string[][] = [];
    const answers: (() => void)[] = [];
    const sessions = new ResponseSessions((responses) => {
      const ids = responses.map(({ response_id }) => response_id);
      asked.push(ids);
      return new Promise((resolve) =>
        answers.push(() => resolve(ids.map((id) => (id === '3' ? undefined : `session ${id}`)))),
      );
    });
    const first = sessions.find(response('1'));
    const others = ['2', '3', '4'].map((id) => sessions.find(response(id)));
    expect(asked).toEqual([['1']]);
    answers[0]!();
    expect(await first).toBe('session 1');
    await Promise.resolve();
    expect(asked).toEqual([['1'], ['2', '3', '4']]);
    answers[1]!();
    expect(await Promise.all(others)).toEqual(['session 2', undefined, 'session 4']);
    const later = sessions.find(response('5'));
    answers[2]!();
    expect(await later).toBe('session 5');
  });

  it('finds none when the database does not answer, and tries again for the next call', async () => {
    let isBroken = true;
    const sessions = new ResponseSessions(() =>
      isBroken ? Promise.reject(new Error('no database')) : Promise.resolve(['found']),
    );
    expect(await sessions.find(response('1'))).toBeUndefined();
    isBroken = false;
    expect(await sessions.find(response('1'))).toBe('found');
  });

  it('does not wait for a database that stands still, and takes no more calls than wait', async () => {
    const sessions = new ResponseSessions(() => new Promise(() => undefined), 30);
    const waiting = Array.from({ length: 2_100 }, (_, index) => sessions.find(response(`${index}`)));
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([undefined]));
  });
});
