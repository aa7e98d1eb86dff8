import { DynamicModule, Global, Module } from '@nestjs/common';
import { Routes } from './routes';

@Global()
@Module({})
export class ProvidersModule {
  static with(routes: Routes): DynamicModule {
    return { module: ProvidersModule, providers: [{ provide: Routes, useValue: routes }], exports: [Routes] };
  }
}
