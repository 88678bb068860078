/** The part of the old library that is used here; it came without types. */
declare module 'analytics-node' {
  interface Options {
    readonly host: string;
    readonly flushAt?: number;
    readonly errorHandler?: (error: Error) => void;
  }
  type Done = (error: Error | undefined) => void;

  class Analytics {
    constructor(writeKey: string, options: Options);
    identify(message: object, done?: Done): this;
    track(message: object, done?: Done): this;
    page(message: object, done?: Done): this;
    screen(message: object, done?: Done): this;
    group(message: object, done?: Done): this;
    alias(message: object, done?: Done): this;
    flush(): Promise<unknown>;
  }
  export = Analytics;
}
