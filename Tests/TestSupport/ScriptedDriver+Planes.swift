// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore
internal import Glibc
internal import SystemPackage
internal import V4L2

extension ScriptedDriver.Description {
    /// Whether its queue is multi-planar.
    var isMultiplanar: Bool { capabilities & UInt32(V4L2_CAP_VIDEO_CAPTURE) == 0 }
}

/// Pictures whose planes have memories of their own, a quarter of a buffer's block each.
extension ScriptedDriver.State {
    private static let planeSize = ScriptedDriver.bufferSize / 4

    /// Planes that lie apart in the present format.
    private var planeCount: Int {
        pixelFormat.inOneMemory == pixelFormat ? 1 : pixelFormat.inOneMemory.planeCount
    }

    mutating func exchangePlanes(_ format: inout v4l2_format, _ request: UInt) -> Errno? {
        if request == CV4L2_S_FMT, !memory.isEmpty { return .resourceBusy }
        var code = PixelFormat(rawValue: format.fmt.pix_mp.pixelformat)
        var size = Resolution(Int(format.fmt.pix_mp.width), Int(format.fmt.pix_mp.height))
        if request == CV4L2_G_FMT { (code, size) = (pixelFormat, self.size) }
        let known = self.format(code.rawValue) ?? description.formats[0]
        if !known.sizes.contains(size) { size = known.sizes[0] }
        if request == CV4L2_S_FMT { (pixelFormat, self.size) = (known.pixelFormat, size) }
        format.fmt.pix_mp.pixelformat = known.pixelFormat.rawValue
        format.fmt.pix_mp.width = UInt32(size.width)
        format.fmt.pix_mp.height = UInt32(size.height)
        format.fmt.pix_mp.field = V4L2_FIELD_NONE.rawValue
        format.fmt.pix_mp.colorspace = description.color.0
        let together = known.pixelFormat.inOneMemory
        let count = together == known.pixelFormat ? 1 : together.planeCount
        format.fmt.pix_mp.num_planes = UInt8(count)
        func plane(_ index: Int) -> v4l2_plane_pix_format {
            var plane = v4l2_plane_pix_format()
            let rowBytes = together.layout(ofPlane: index)?.rowBytes(width: size.width) ?? 0
            let alignment = description.rowAlignment
            plane.bytesperline = UInt32((rowBytes + alignment - 1) / alignment * alignment)
            plane.sizeimage = UInt32(Self.planeSize)
            return plane
        }
        format.fmt.pix_mp.plane_fmt.0 = plane(0)
        if count > 1 { format.fmt.pix_mp.plane_fmt.1 = plane(1) }
        if count > 2 { format.fmt.pix_mp.plane_fmt.2 = plane(2) }
        return nil
    }

    func queryPlanes(_ buffer: inout v4l2_buffer) -> Errno? {
        guard Int(buffer.length) >= planeCount, let planes = buffer.m.planes else { return .invalidArgument }
        for index in 0..<planeCount {
            planes[index].length = UInt32(Self.planeSize)
            planes[index].m.mem_offset =
                buffer.index * UInt32(ScriptedDriver.bufferSize) + UInt32(index * Self.planeSize)
        }
        buffer.length = UInt32(planeCount)
        return nil
    }

    /// Tells of a filled buffer plane by plane; the first bytes of each plane are its number.
    func spreadOverPlanes(_ buffer: inout v4l2_buffer) {
        guard Int(buffer.length) >= planeCount, let planes = buffer.m.planes else { return }
        for index in 0..<planeCount {
            planes[index].bytesused = UInt32(min(Self.planeSize, Int(buffer.bytesused)))
            planes[index].data_offset = 0
            memset(memory[Int(buffer.index)] + index * Self.planeSize, Int32(index), 4)
        }
        buffer.bytesused = 0
        buffer.length = UInt32(planeCount)
    }

    mutating func exportBuffer(_ request: inout v4l2_exportbuffer) -> Errno? {
        guard description.exportsBuffers else { return .inappropriateIOCTLForDevice }
        guard memory.indices.contains(Int(request.index)) else { return .invalidArgument }
        nextDescriptor += 1
        exports.insert(nextDescriptor)
        request.fd = nextDescriptor
        return nil
    }
}
