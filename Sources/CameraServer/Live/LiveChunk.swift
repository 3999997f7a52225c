// SPDX-License-Identifier: MIT

package import CameraCore

/// A picture as those who watch get it, made once for all of them.
package struct LiveChunk: Sendable {
    /// What is sent, whole.
    package let bytes: [UInt8]
    /// Where the packets of a packetised stream lie in ``bytes``; empty for other streams.
    package var packets: [Range<Int>] = []
    /// The picture's number, kind and times.
    package let info: PacketInfo
    /// Why the picture cannot be sent in this form, and ``bytes`` is empty; nil when it can.
    package var failure: CameraError?

    /// Whether somebody who has nothing before can begin with it.
    var isKeyFrame: Bool { info.isKeyFrame }
}

/// A stream that the pictures behind it belong to.
struct LiveBeginning: Sendable {
    /// The codec, size and parameter sets.
    let stream: StreamDescription
    /// What is sent in front of the first picture; empty where nothing is.
    let bytes: [UInt8]
}

/// Makes of pictures what is sent to those who watch.
///
/// One thread calls at a time.
protocol LivePackager: Sendable {
    /// Takes over from the next picture on, a key frame, whose parameter sets are in the description.
    ///
    /// - Returns: What is sent in front of the first picture.
    mutating func begin(_ stream: StreamDescription) throws(CameraError) -> [UInt8]

    /// Makes of a picture what is sent.
    mutating func chunk(of packet: Packet) -> LiveChunk
}
