// SPDX-License-Identifier: MIT

import CameraKit

/// What can go wrong with a picture that the webcam sends.
enum WebcamFault: Hashable, Sendable {
    /// A payload is marked with the error bit.
    case errorBit
    /// The header of a payload gives this length, which is wrong.
    case headerLength(UInt8)
    /// The last payload lacks the mark of the picture's end.
    case noEnd
    /// The mark that tells pictures apart changes in the middle.
    case toggledInTheMiddle
    /// The picture ends in the middle.
    case truncated
    /// A payload is missing.
    case lostPayload
    /// The transfer of a payload fails, as with a disturbed cable.
    case failedTransfer
    /// The endpoint halts in the middle, until the host clears it.
    case stall
    /// The plug is pulled in the middle.
    case unplug
}

/// Cuts pictures into payloads, each with a header (USB Video Class 1.1, 2.4.3.3).
struct WebcamStream {
    /// The number of the present picture, or of the next one.
    private(set) var number = 0
    /// What is wrong with the present picture.
    private(set) var fault: WebcamFault?
    private var picture: [UInt8] = []
    private var position = 0
    private var payloadIndex = 0
    private var frameID: UInt8 = 0

    /// The bits of a header's second byte.
    private enum Flag {
        static let frameID: UInt8 = 0x01
        static let endOfFrame: UInt8 = 0x02
        static let error: UInt8 = 0x40
        static let endOfHeader: UInt8 = 0x80
    }

    /// What to do next.
    enum Step {
        /// Send a payload; `isLast` with the picture's end.
        case payload([UInt8], isLast: Bool)
        /// Fail the transfer; the picture goes on in the next one.
        case failure
        /// Halt the endpoint.
        case stall
        /// Pull the plug.
        case unplug
    }

    /// Whether a picture was begun and not finished.
    var isInPicture: Bool { position < picture.count }

    /// Begins a picture.
    mutating func begin(_ picture: [UInt8], _ fault: WebcamFault?) {
        self.picture = picture
        self.fault = fault
        position = 0
        payloadIndex = 0
    }

    /// The next step of the present picture; what goes wrong does so after its first payload.
    ///
    /// - Parameter byteCount: The most bytes of a payload, with its header.
    /// - Returns: The step.
    mutating func next(_ byteCount: Int) -> Step {
        let isSecond = payloadIndex == 1
        if isSecond, fault == .stall { return .stall }
        if isSecond, fault == .unplug { return .unplug }
        if isSecond, fault == .failedTransfer {
            position += byteCount - 2
            payloadIndex += 1
            return .failure
        }
        if isSecond, fault == .lostPayload { position += byteCount - 2 }
        let end = min(position + byteCount - 2, picture.count)
        let isLast = end == picture.count || (isSecond && fault == .truncated)
        var header: [UInt8] = [2, Flag.endOfHeader]
        if isSecond, fault == .toggledInTheMiddle { frameID ^= Flag.frameID }
        header[1] |= frameID
        if isLast, fault != .noEnd { header[1] |= Flag.endOfFrame }
        if isSecond, fault == .errorBit { header[1] |= Flag.error }
        if isSecond, case .headerLength(let length) = fault { header[0] = length }
        let payload = header + picture[min(position, end)..<end]
        position = isLast ? picture.count : end
        payloadIndex += 1
        if isLast {
            number += 1
            frameID ^= Flag.frameID
        }
        return .payload(payload, isLast: isLast)
    }
}
