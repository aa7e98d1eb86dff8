import { traceContextOf } from './trace-context';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('the trace that a client names', () => {
  it.each([
    [`00-${TRACE}-${PARENT}-01`, 1],
    [`00-${TRACE}-${PARENT}-00`, 0],
    [`00-${TRACE}-${PARENT}-ff`, 255],
    [`01-${TRACE}-${PARENT}-03`, 3],
    [`cc-${TRACE}-${PARENT}-01-what-the-future-brings`, 1],
  ])('is read from %s', (header, flags) => {
    expect(traceContextOf(header)).toEqual({ traceId: TRACE, parentId: PARENT, flags });
  });

  it.each([
    [undefined],
    [''],
    [`ff-${TRACE}-${PARENT}-01`],
    [`00-${'0'.repeat(32)}-${PARENT}-01`],
    [`00-${TRACE}-${'0'.repeat(16)}-01`],
    [`00-${TRACE.toUpperCase()}-${PARENT}-01`],
    [`00-${TRACE}-${PARENT}-01-more`],
    [`cc-${TRACE}-${PARENT}-01.more`],
    [`00-${TRACE}-${PARENT}`],
    [`00-${TRACE}-${PARENT}-1`],
    [`00-${TRACE.slice(1)}-${PARENT}-01`],
    [` 00-${TRACE}-${PARENT}-01`],
    [`00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`],
    [[`00-${TRACE}-${PARENT}-01`]],
  ])('is none of %j', (header) => {
    expect(traceContextOf(header)).toBeUndefined();
  });
});
