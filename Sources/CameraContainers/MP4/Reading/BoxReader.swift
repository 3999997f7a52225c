// SPDX-License-Identifier: MIT

/// Takes boxes and numbers of the bytes of an MP4 file one after the other.
struct BoxReader {
    private(set) var bytes: ArraySlice<UInt8>

    /// Begins with the first of some bytes.
    init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    /// The content of the next box, if it is of this type.
    mutating func box(_ code: String) -> BoxReader? {
        var rest = self
        guard let box = rest.anyBox(), box.code == code else { return nil }
        self = rest
        return box.content
    }

    /// The next box; nil where there is none that is whole.
    mutating func anyBox() -> (code: String, content: BoxReader)? {
        var rest = self
        guard let size = rest.number(4), size >= 8, size <= bytes.count else { return nil }
        let code = String(decoding: rest.bytes.prefix(4), as: UTF8.self)
        let content = bytes.prefix(size).dropFirst(8)
        bytes = bytes.dropFirst(size)
        return (code, BoxReader(bytes: content))
    }

    /// The next number of so many bytes, without a sign.
    mutating func number(_ count: Int) -> Int? {
        guard bytes.count >= count else { return nil }
        let value = bytes.prefix(count).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        bytes = bytes.dropFirst(count)
        return Int(exactly: value)
    }

    /// The next bytes; nil where there are not so many.
    mutating func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, bytes.count >= count else { return nil }
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }
}
