/** Text coding is the same in every browser and in Node, and in no ECMAScript library file. */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}

/** Base64, RFC 4648 §4; one character a byte. */
declare function btoa(bytes: string): string;
declare function atob(base64: string): string;
