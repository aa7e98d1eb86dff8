import { DynamicModule, Global, Module } from '@nestjs/common';
import { ProvidersController } from './providers.controller';
import { Routes } from './routes';

@Global()
@Module({})
export class ProvidersModule {
  static with(routes: Routes): DynamicModule {
    return {
      module: ProvidersModule,
      controllers: [ProvidersController],
      providers: [{ provide: Routes, useValue: routes }],
      exports: [Routes],
    };
  }
}
