import { Global, Module } from '@nestjs/common';
import { Exchanges } from './exchanges';

@Global()
@Module({ providers: [Exchanges], exports: [Exchanges] })
export class ExchangeModule {}
