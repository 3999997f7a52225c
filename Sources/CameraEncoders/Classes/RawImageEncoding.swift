// SPDX-License-Identifier: MIT

/// An image encoder that writes raw pictures, each of ``RawEncoding/frameByteCount`` bytes.
public protocol RawImageEncoding: RawEncoding {}
