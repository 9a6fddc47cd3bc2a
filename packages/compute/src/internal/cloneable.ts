/** Which types can be sent to a thread and back as they are. */

/** Objects that a structured clone keeps in kind. */
type Kept = Date | RegExp | Error | Blob | ArrayBuffer | SharedArrayBuffer | ArrayBufferView

/** What a structured clone does not make, or would take the methods of. */
type Callable = ((...args: never) => unknown) | (abstract new (...args: never) => unknown)

/**
 * What is left of a value after it was cloned: `T` itself exactly where nothing is lost. A mapped type
 * keeps primitives, arrays and tuples as they are.
 */
type Cloned<T> = unknown extends T
  ? T
  : T extends Kept
    ? T
    : T extends symbol | Callable
      ? never
      : T extends ReadonlyMap<infer Key, infer Value>
        ? ReadonlyMap<Cloned<Key>, Cloned<Value>>
        : T extends ReadonlySet<infer Value>
          ? ReadonlySet<Cloned<Value>>
          : { [Key in keyof T]: Cloned<T[Key]> }

/** The arguments of a function and what its caller gets, where both can be sent; else `never`. */
export type Signature<F> = F extends (...args: infer Arguments) => infer Result
  ? [Arguments, Awaited<Result>] extends Cloned<[Arguments, Awaited<Result>]>
    ? readonly [arguments: Arguments, result: Awaited<Result>]
    : never
  : never
