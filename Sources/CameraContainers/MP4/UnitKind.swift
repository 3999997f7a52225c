// SPDX-License-Identifier: MIT

internal import CameraCore

/// What a unit of H.264 or H.265 (ITU-T H.264 and H.265, table 7-1) means to a container.
package enum UnitKind {
    case videoParameterSet
    case sequenceParameterSet
    case pictureParameterSet
    /// The end of a picture before it; containers know where pictures end.
    case delimiter
    case other

    init(header: UInt8, isH265: Bool) {
        self =
            switch isH265 ? header >> 1 & 63 : header & 31 {
            case 32 where isH265: .videoParameterSet
            case 33 where isH265, 7 where !isH265: .sequenceParameterSet
            case 34 where isH265, 8 where !isH265: .pictureParameterSet
            case 35 where isH265, 9 where !isH265: .delimiter
            default: .other
            }
    }

    /// Whether it stands in a track's description, and so needs not be among the pictures.
    package var isParameterSet: Bool {
        switch self {
        case .videoParameterSet, .sequenceParameterSet, .pictureParameterSet: true
        case .delimiter, .other: false
        }
    }

    /// Calls a closure with each unit of a byte stream (annex B of both), without start code and zeros behind it.
    package static func forEachUnit(
        in bytes: UnsafeRawBufferPointer, isH265: Bool, _ body: (UnitKind, UnsafeRawBufferPointer) -> Void
    ) {
        var next = CodedPicture.nextUnit(in: bytes, from: 0)
        while let (_, payload) = next {
            next = CodedPicture.nextUnit(in: bytes, from: payload)
            var end = next?.start ?? bytes.count
            // A unit ends with a bit that is set (7.4.1), so that zeros belong to the byte stream.
            while end > payload, bytes[end - 1] == 0 { end -= 1 }
            guard end > payload else { continue }
            body(
                UnitKind(header: bytes[payload], isH265: isH265),
                UnsafeRawBufferPointer(rebasing: bytes[payload..<end]))
        }
    }
}
