declare module 'proxy-addr' {
  import { IncomingMessage } from 'node:http';

  type Trust = (address: string | undefined, hop: number) => boolean;

  /** Returns the client's address: the nearest one that is not a trusted proxy's, or undefined when the connection is closed. */
  function proxyAddr(request: IncomingMessage, trust: Trust): string | undefined;
  namespace proxyAddr {
    /** @param trusted addresses, networks, and the names that Express knows (`loopback` and others). */
    function compile(trusted: string[]): Trust;
  }
  export = proxyAddr;
}
