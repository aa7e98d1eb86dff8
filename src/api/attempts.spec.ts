import { Attempts } from './attempts';
import { TooManyAttempts } from './too-many-attempts';

const isWrong = (outcome: string): boolean => outcome === 'wrong';

describe('attempts', () => {
  let attempts: Attempts;
  let created: number;
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    attempts = new Attempts(3);
    created = 0;
  });
  afterEach(() => jest.useRealTimers());

  const attempt = async (outcome: string, key = 'a'): Promise<string> =>
    attempts
      .run(
        key,
        () => {
          created += 1;
          return Promise.resolve(outcome);
        },
        isWrong,
      )
      .catch((error: unknown) => {
        if (!(error instanceof TooManyAttempts)) throw error;
        return `wait ${error.retryAfterSeconds}`;
      });

  it('that fail are counted by key, and refused above the limit until the minute is over', async () => {
    for (let times = 0; times < 3; times++) expect(await attempt('wrong')).toBe('wrong');
    jest.advanceTimersByTime(20_500);
    expect(await attempt('right')).toBe('wait 40');
    expect(await attempt('right', 'b')).toBe('right');
    jest.advanceTimersByTime(39_500);
    expect(await attempt('right')).toBe('right');
    expect(created).toBe(5);
  });

  it('that succeed are not counted', async () => {
    for (let times = 0; times < 50; times++) expect(await attempt('right')).toBe('right');
  });

  it('that come to no end are not counted, and what stopped them is heard', async () => {
    const broken = () => attempts.run('a', () => Promise.reject(new Error('no database')), isWrong);
    for (let times = 0; times < 5; times++) await expect(broken()).rejects.toThrow('no database');
    expect(await attempt('wrong')).toBe('wrong');
  });

  it('that come by the thousand at once do not slip through before the first one fails', async () => {
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => attempt('wrong')));
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(3);
    expect(new Set(answers.slice(3))).toEqual(new Set(['wait 60']));
    expect(created).toBe(3);
  });

  it('that come by the thousand at once are all made when they succeed', async () => {
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => attempt('right')));
    expect(new Set(answers)).toEqual(new Set(['right']));
  });

  it('of which some fail let the others on, for as long as the limit is not reached', async () => {
    const outcomes = ['wrong', 'right', 'wrong', 'right', 'right', 'wrong', 'right', 'right'];
    const answers = await Promise.all(outcomes.map((outcome) => attempt(outcome)));
    expect(answers.slice(0, 6)).toEqual(outcomes.slice(0, 6));
    expect(created).toBe(6);
  });

  it('that wait for one that outlasts the minute count for the next one', async () => {
    let finish: (outcome: string) => void = () => undefined;
    const slow = Array.from({ length: 3 }, () =>
      attempts.run('a', () => new Promise<string>((resolve) => (finish = resolve)), isWrong),
    );
    const waiting = Promise.all(Array.from({ length: 20 }, () => attempt('wrong')));
    await Promise.resolve();
    jest.advanceTimersByTime(60_000);
    finish('right'); // one of three; the others never complete
    const answers = await waiting;
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(3);
    expect(answers.filter((answer) => answer === 'wait 60')).toHaveLength(17);
    expect(slow).toHaveLength(3);
  });

  it('are counted at once where each of them counts', () => {
    for (let times = 0; times < 3; times++) attempts.count('a');
    expect(() => attempts.count('a')).toThrow(TooManyAttempts);
    expect(() => attempts.count('b')).not.toThrow();
  });

  it('are all made while limits are off', async () => {
    attempts = new Attempts(3, false);
    for (let times = 0; times < 9; times++) expect(await attempt('wrong')).toBe('wrong');
    for (let times = 0; times < 9; times++) attempts.count('a');
  });

  it('take a bounded place', async () => {
    for (let key = 0; key < 12_000; key++) await attempt('wrong', String(key));
    expect(attempts.size).toBe(10_000);
  });
});
