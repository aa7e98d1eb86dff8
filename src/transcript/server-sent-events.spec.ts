import { eventData } from './server-sent-events';

describe('the data of the events of a stream', () => {
  it.each<[string, string, string[]]>([
    ['none', '', []],
    ['one', 'data: a\n\n', ['a']],
    ['two, with their types and ids', 'event: x\nid: 1\ndata: a\n\nevent: y\ndata: b\n\n', ['a', 'b']],
    ['ended by CR LF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['ended by CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['ended by all of them', 'data: a\r\ndata: b\rdata: c\n\rdata: d\r\n\n', ['a\nb\nc', 'd']],
    ['of several lines', 'data: a\ndata:b\ndata:  c\n\n', ['a\nb\n c']],
    ['of empty lines', 'data\ndata:\n\n', ['\n']],
    ['among comments', ': hello\n\ndata: a\n: there\ndata: b\n\n:\n\n', ['a\nb']],
    ['among fields that only look alike', 'datas: a\n data: b\ndata : c\nDATA: d\n\ndata: e\n\n', ['e']],
    ['without the last empty line', 'data: a\n\ndata: b\n', ['a', 'b']],
    ['without the last line break', 'data: a\n\ndata: {"b', ['a', '{"b']],
    ['cut behind a field’s name', 'data: a\n\ndat', ['a']],
    ['with a line separator in a text', 'data: a\u2028b\u0085c\n\n', ['a\u2028b\u0085c']],
  ])('%s', (_, text, expected) => expect([...eventData(text)]).toEqual(expected));
});
