// SPDX-License-Identifier: MIT

/// What image encoders without a codec have in common; the end of each picture is known by its byte count.
public protocol RawImageEncoding: RawEncoding {}
