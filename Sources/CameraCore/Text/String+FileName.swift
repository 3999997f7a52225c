// SPDX-License-Identifier: MIT

/// Names of files, which for Linux are bytes and for Swift are text.
///
/// A byte that is no part of valid UTF-8 becomes one of the last private code points, U+10FF80 to U+10FFFF, and is that
/// byte again for the system. A name that has such code points itself has each of their bytes kept so, and two names that
/// differ stay two.
extension String {
    /// Makes text from the bytes of a file's or folder's name; ``fileNameBytes`` gives the same bytes back.
    package init(fileName bytes: some Collection<UInt8>) {
        self.init()
        var parser = Unicode.UTF8.ForwardParser()
        var input = bytes.makeIterator()
        var position = bytes.startIndex
        while true {
            let end: Int
            switch parser.parseScalar(from: &input) {
            case .emptyInput: return
            case .valid(let encoded):
                end = encoded.count
                let scalar = Unicode.UTF8.decode(encoded)
                if scalar.rawFileNameByte == nil {
                    unicodeScalars.append(scalar)
                    position = bytes.index(position, offsetBy: end)
                    continue
                }
            case .error(let length): end = length
            }
            for _ in 0..<end {
                unicodeScalars.append(Unicode.Scalar(rawFileNameByte: bytes[position]))
                position = bytes.index(after: position)
            }
        }
    }

    /// The name that the system gives as a C string.
    package init(cFileName name: UnsafePointer<CChar>) {
        var count = 0
        while name[count] != 0 { count += 1 }
        self.init(fileName: UnsafeBufferPointer(start: name, count: count).map { UInt8(bitPattern: $0) })
    }

    /// The bytes of the name of a file or folder, as the system takes them.
    package var fileNameBytes: [UInt8] {
        var bytes: [UInt8] = []
        for scalar in unicodeScalars {
            if let byte = scalar.rawFileNameByte { bytes.append(byte) } else { bytes += UTF8.encode(scalar) ?? .init() }
        }
        return bytes
    }

    /// Calls `body` with the name as the system takes it.
    package func withFileName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        // Bytes of these code points begin with 0xF4; nearly no name has any.
        guard utf8.contains(0xF4) else { return withCString(body) }
        let bytes = fileNameBytes.map { CChar(bitPattern: $0) } + [0]
        return bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return "".withCString(body) }
            return body(start)
        }
    }

    /// The text for people: bytes that are no UTF-8 as "\xE4".
    package var shown: String {
        guard utf8.contains(0xF4) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if let byte = scalar.rawFileNameByte {
                text += "\\x" + String(byte, radix: 16, uppercase: true)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// The code point that stands for a byte from 0x80 on.
    fileprivate init(rawFileNameByte byte: UInt8) {
        self = Unicode.Scalar(0x10FF00 | UInt32(byte | 0x80)) ?? "\u{FFFD}"
    }

    /// The byte that the code point stands for in the name of a file.
    package var rawFileNameByte: UInt8? {
        (0x10FF80...0x10FFFF).contains(value) ? UInt8(truncatingIfNeeded: value) : nil
    }
}
