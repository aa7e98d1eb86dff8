declare module 'proxy-addr' {
  import { IncomingMessage } from 'node:http';

  type Trust = (address: string | undefined, hop: number) => boolean;

  /** The address of the client: the nearest one that is not a trusted proxy's. Undefined when the connection is gone. */
  function proxyAddr(request: IncomingMessage, trust: Trust): string | undefined;
  namespace proxyAddr {
    /** @param trusted addresses, networks, and the names that Express knows (`loopback` ...). */
    function compile(trusted: string[]): Trust;
  }
  export = proxyAddr;
}
