// The part of WebAssembly's JavaScript interface that linking our kernels needs: TypeScript has it only in its DOM library.
declare namespace WebAssembly {
  class Memory {
    constructor(size: { readonly initial: number; readonly maximum: number; readonly shared?: true })
    readonly buffer: ArrayBuffer
    /** @returns the pages before */
    grow(pages: number): number
  }
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports: { readonly env: { readonly memory: Memory } })
    readonly exports: Readonly<Record<string, unknown>>
  }
}
