// `bcryptprimitives.dll` for wine before 8.3, which lacks it: the only function that Rust imports.

typedef unsigned char byte;

// `RtlGenRandom` by its name in advapi32.dll.
__declspec(dllimport) byte __stdcall SystemFunction036(void *buffer, unsigned long length);

__declspec(dllexport) int __stdcall ProcessPrng(byte *buffer, unsigned long long length) {
    while (length > 0) {
        unsigned long some = length > 65536 ? 65536 : (unsigned long)length;
        if (!SystemFunction036(buffer, some)) {
            return 0;
        }
        buffer += some;
        length -= some;
    }
    return 1;
}
