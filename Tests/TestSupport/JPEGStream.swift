// SPDX-License-Identifier: MIT

public import CameraCore

/// One JPEG picture among others, as its markers tell.
public struct JPEGPicture: Hashable, Sendable {
    /// Where it lies, from the start-of-image marker to the end-of-image marker.
    public let range: Range<Int>
    /// The size that its frame header gives.
    public let size: Resolution
}

/// Why bytes are not JPEG pictures.
public struct MalformedJPEG: Error {
    /// What was found.
    public let reason: String
    /// Where.
    public let position: Int
}

/// Walks through bytes that must be nothing but whole JPEG pictures back to back.
///
/// This is the marker parser of picamera's tests (`verify.py`), but a restart marker leaves it in the entropy-coded data.
/// Source of the markers: ITU-T T.81, table B.1.
public func jpegPictures(in bytes: [UInt8]) throws(MalformedJPEG) -> [JPEGPicture] {
    var pictures: [JPEGPicture] = []
    var parser = JPEGParser(bytes: bytes)
    while parser.position < bytes.count { pictures.append(try parser.picture()) }
    return pictures
}

private struct JPEGParser {
    let bytes: [UInt8]
    var position = 0

    mutating func picture() throws(MalformedJPEG) -> JPEGPicture {
        let start = position
        guard try marker() == 0xD8 else { throw failure("the first marker is not SOI") }
        var size: Resolution?
        var next = try marker()
        while next != 0xD9 {
            switch next {
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                let header = try segment()
                guard header.count >= 6 else { throw failure("the frame header is cut short") }
                let sides = header.prefix(5).dropFirst().map(Int.init)
                size = Resolution(sides[2] << 8 | sides[3], sides[0] << 8 | sides[1])
            case 0xDC, 0xDD:
                guard try segment().count == 2 else { throw failure("DNL and DRI have four bytes") }
            case 0xC4, 0xCC, 0xDB, 0xDE, 0xE0...0xEF, 0xFE:
                _ = try segment()
            case 0xDA:
                _ = try segment()
                try skipEntropyCodedData()
            default:
                throw failure("the marker \(next) is not allowed here")
            }
            next = try marker()
        }
        guard let size else { throw failure("there is no frame header") }
        return JPEGPicture(range: start..<position, size: size)
    }

    /// The code of the marker here; any number of 0xFF may stand before it.
    private mutating func marker() throws(MalformedJPEG) -> UInt8 {
        guard try byte() == 0xFF else { throw failure("there is no marker") }
        var code = try byte()
        while code == 0xFF { code = try byte() }
        return code
    }

    /// What a segment holds after its length, which includes its own two bytes.
    private mutating func segment() throws(MalformedJPEG) -> ArraySlice<UInt8> {
        let length = Int(try byte()) << 8 | Int(try byte())
        guard length >= 2, position + length - 2 <= bytes.count else { throw failure("a segment is cut short") }
        defer { position += length - 2 }
        return bytes[position..<position + length - 2]
    }

    /// Stops in front of the first marker that is not a restart.
    private mutating func skipEntropyCodedData() throws(MalformedJPEG) {
        while true {
            guard let found = bytes[position...].firstIndex(of: 0xFF), found + 1 < bytes.count else {
                throw failure("the picture has no end")
            }
            switch bytes[found + 1] {
            case 0x00, 0xD0...0xD7: position = found + 2
            case 0xFF: position = found + 1
            default:
                position = found
                return
            }
        }
    }

    private mutating func byte() throws(MalformedJPEG) -> UInt8 {
        guard position < bytes.count else { throw failure("the picture has no end") }
        defer { position += 1 }
        return bytes[position]
    }

    private func failure(_ reason: String) -> MalformedJPEG {
        MalformedJPEG(reason: reason, position: position)
    }
}
