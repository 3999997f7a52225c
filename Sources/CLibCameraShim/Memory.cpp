// SPDX-License-Identifier: MIT

#if __has_include(<libcamera/libcamera.h>)

#include "Session.hpp"

#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

std::unique_ptr<clc_memory> clc_memory::map(const libcamera::FrameBuffer &buffer) {
    auto memory = std::make_unique<clc_memory>();
    for (const auto &plane : buffer.planes()) {
        if (memory->planes.size() == CLC_MAX_PLANES) break;
        const int descriptor = plane.fd.get();
        // Planes share a dma-buf as a rule; each is mapped once.
        auto mapping = std::find_if(memory->mappings.begin(), memory->mappings.end(), [&](const Mapping &entry) {
            return entry.descriptor.get() == descriptor;
        });
        if (mapping == memory->mappings.end()) {
            const off_t length = lseek(descriptor, 0, SEEK_END);
            if (length <= 0) return nullptr;
            void *address = mmap(nullptr, static_cast<size_t>(length), PROT_READ, MAP_SHARED, descriptor, 0);
            if (address == MAP_FAILED) return nullptr;
            memory->mappings.push_back({plane.fd, address, static_cast<size_t>(length)});
            mapping = std::prev(memory->mappings.end());
        }
        const size_t offset = plane.offset == libcamera::FrameBuffer::Plane::kInvalidOffset ? 0 : plane.offset;
        if (offset + plane.length > mapping->length) {
            errno = ENOSPC;
            return nullptr;
        }
        memory->planes.push_back({static_cast<const char *>(mapping->address) + offset, plane.length, descriptor,
                                  offset, mapping->length});
    }
    return memory;
}

void clc_memory::sync(bool begins) const {
    for (const Mapping &mapping : mappings) {
        dma_buf_sync request{};
        request.flags = DMA_BUF_SYNC_READ | (begins ? DMA_BUF_SYNC_START : DMA_BUF_SYNC_END);
        int result;
        do { result = ioctl(mapping.descriptor.get(), DMA_BUF_IOCTL_SYNC, &request); } while (
            result == -1 && (errno == EINTR || errno == EAGAIN));
        // Memory that needs no such care has no such call.
    }
}

clc_memory::~clc_memory() {
    for (const Mapping &mapping : mappings) munmap(mapping.address, mapping.length);
}

#endif
